"""Certificates: files with what is needed to prove the bounds of an answer again, without the search that found them.

Beside the manifest, the archive holds ``content.json`` (the problem's text, where it was, the digests of its data, and
what is claimed of each target) and ``proofs/k``, which only the core reads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from preimage._core import Proof
from preimage.results.container import Container
from preimage.results.plain import finite

CONTAINER = Container(
    format="preimage certificate",
    version=1,
    noun="certificate",
    remedy="write it again",
    origin="a file that `preimage solve --certificate` wrote",
    largest=2**28,
)

SUFFIX = ".proof"
"""By which the command line knows a certificate that it cannot read."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is proved of one target.

    Attributes
    ----------
    row, target
        Which of a sweep, and what it is called.
    bound
        In the user's sense; no design is better. None: no design holds.
    proof
        The bytes of a `preimage._core.Proof`.
    """

    row: int
    target: str
    bound: float | None
    proof: bytes = field(repr=False)

    @property
    def boxes(self) -> int:
        """The number of boxes that the proof names."""
        return Proof.read(self.proof).boxes


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is proved of one problem.

    Attributes
    ----------
    text, file
        The problem, and where it was; no file for a text given in Python.
    bindings
        The digests of its data, by name.
    claims
        One for each target.
    """

    text: str
    file: str | None
    bindings: Mapping[str, str]
    claims: tuple[Claim, ...]

    def save(self, path: str | Path) -> Path:
        """Write the certificate to one file, in one step: it is there whole, or not at all.

        Raises
        ------
        ResultFileError
            If the file cannot be written.
        """
        claims = [{"row": claim.row, "target": claim.target, "bound": claim.bound} for claim in self.claims]
        content = {"text": self.text, "file": self.file, "bindings": dict(self.bindings), "claims": claims}
        proofs = {f"proofs/{k}": claim.proof for k, claim in enumerate(self.claims)}
        members = {"content.json": json.dumps(content, allow_nan=False).encode(), **proofs}
        return CONTAINER.write(Path(path), "certificate", members)

    @classmethod
    def load(cls, path: str | Path) -> Certificate:
        """Return the certificate that `save` wrote.

        Raises
        ------
        ResultFileError
            If the file cannot be read, is not a certificate, is damaged, altered, or newer than this version.
        """
        path = Path(path)
        _, members = CONTAINER.read(path)
        try:
            content = json.loads(members["content.json"])
            file = content["file"]
            return cls(
                text=str(content["text"]),
                file=None if file is None else str(file),
                bindings={str(name): str(digest) for name, digest in content["bindings"].items()},
                claims=tuple(
                    Claim(int(claim["row"]), str(claim["target"]), finite(claim["bound"]), members[f"proofs/{k}"])
                    for k, claim in enumerate(content["claims"])
                ),
            )
        except (AttributeError, LookupError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise CONTAINER.damaged(path, "its content does not make a certificate") from error
