"""How a structure formed, as an animation."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from preimage.language.diagnostic import diagnose
from preimage.results.errors import CodedError

if TYPE_CHECKING:
    from preimage.structures.exports.scene import Pixels
    from preimage.structures.result import StructureResult

PER_SECOND = 12
"""Pictures a second."""

PAUSE = 2
"""Seconds for which the last picture is shown."""

COLOURS = 64
"""Of a GIF: half the size of one with 256, and no difference to the eye."""


class AnimationError(CodedError):
    """An animation that cannot be written (PRE712)."""


def gif(result: StructureResult) -> bytes:
    """Return the animation as a GIF that begins again when it ends."""
    from PIL import Image  # comes with matplotlib

    from preimage.structures.exports.scene import pages

    drawn = list(pages(result))
    palette = Image.fromarray(_samples(drawn)).quantize(COLOURS, dither=Image.Dither.NONE)
    first, *others = (Image.fromarray(page).quantize(palette=palette, dither=Image.Dither.NONE) for page in drawn)
    durations = [1000 // PER_SECOND] * len(others) + [1000 * PAUSE]
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=others, duration=durations, loop=0, optimize=False)
    return file.getvalue()


def _samples(drawn: list[Pixels]) -> Pixels:
    """Return an image with the colours of all pages: early ones are grey, late ones are not."""
    return np.concatenate([drawn[0], drawn[len(drawn) // 3], drawn[-1]])


def mp4(result: StructureResult) -> bytes:
    """Return the animation as a film.

    Raises
    ------
    AnimationError
        If the program ffmpeg is not there, or refuses.
    """
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise _error(
            "an .mp4 is written by the program ffmpeg, which is not on the path", "install it, or write a .gif"
        )
    from preimage.structures.exports.scene import pages

    drawn = list(pages(result))
    height, width = drawn[0].shape[:2]
    film = np.stack([*drawn, *[drawn[-1]] * (PAUSE * PER_SECOND)]).tobytes()
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(PER_SECOND), "-i", "-"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        command = [ffmpeg, "-loglevel", "error", *source, "-pix_fmt", "yuv420p", str(path)]
        done = subprocess.run(command, input=film, capture_output=True, check=False)
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["it did not say why"]
            raise _error(f"ffmpeg refused: {said[-1]}", "write a .gif")
        return path.read_bytes()


def _error(reason: str, advice: str) -> AnimationError:
    return AnimationError(diagnose("PRE712", None, reason=reason, advice=f"try: {advice}"))
