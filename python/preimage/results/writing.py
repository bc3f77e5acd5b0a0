"""Files that are there whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path


def write_in_one_step(path: Path, data: bytes) -> None:
    """Write ``data`` beside ``path`` and rename it; links are followed; pipes and devices are written, not replaced.

    Raises
    ------
    OSError
        If the system refuses; what was there before is still there.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path = Path(os.path.realpath(path))
    draft = path.with_name(f".{path.name[:64]}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("xb") as file:
            if path.exists():
                os.chmod(draft, path.stat().st_mode & 0o777)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
