"""The files that Preimage writes: one zip archive each, written in one step, with a digest of its content.

An archive holds ``manifest.json`` (format, version, kind, digest) and its members. Nothing in it is ever executed.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from preimage.results.errors import ResultFileError
from preimage.results.writing import write_in_one_step

MANIFEST = "manifest.json"

_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


@dataclass(frozen=True, slots=True)
class Container:
    """A kind of file.

    Attributes
    ----------
    format, version
        What the manifest says; the version rises when an older Preimage could no longer read what is written.
    noun
        What messages call such a file.
    remedy
        What to try when one is damaged or altered, besides a fresh copy.
    origin
        What to try when the file is another one.
    largest
        Bytes that the members may unfold to: a guard against archives made to exhaust memory.
    """

    format: str
    version: int
    noun: str
    remedy: str
    origin: str
    largest: int

    def write(self, path: Path, kind: str, members: Mapping[str, bytes]) -> Path:
        """Write the members; the same members give the same bytes.

        Raises
        ------
        ResultFileError
            If the file cannot be written (PRE705).
        """
        manifest = {"format": self.format, "version": self.version, "kind": kind, "digest": digest(members)}
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for name, data in {MANIFEST: json.dumps(manifest).encode(), **members}.items():
                file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # ZipInfo's date is fixed
        try:
            write_in_one_step(path, archive.getvalue())
        except OSError as error:
            raise ResultFileError.not_written(path, error) from error
        return path

    def read(self, path: Path) -> tuple[str, dict[str, bytes]]:
        """Return the kind of a file and its members.

        Raises
        ------
        ResultFileError
            If the file cannot be read (PRE705), is another one (PRE701), is damaged (PRE702), newer than this version
            (PRE703) or altered (PRE704).
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ResultFileError.not_read(path, error) from error
        manifest, members = self._unpack(path, data)
        if manifest["version"] > self.version:
            upgrade = "`pip install --upgrade preimage`"
            found, known = manifest["version"], self.version
            raise ResultFileError("PRE703", path, upgrade, noun=self.noun, found=found, known=known)
        if manifest.get("digest") != digest(members):
            raise ResultFileError("PRE704", path, f"the file as it was saved, or {self.remedy}", noun=self.noun)
        return str(manifest["kind"]), members

    def damaged(self, path: Path, reason: str) -> ResultFileError:
        """Say that a file is damaged (PRE702)."""
        return ResultFileError("PRE702", path, f"a fresh copy of it, or {self.remedy}", noun=self.noun, reason=reason)

    def foreign(self, path: Path, reason: str = "it is of another kind", advice: str = "") -> ResultFileError:
        """Say that a file is another one (PRE701)."""
        return ResultFileError("PRE701", path, advice or self.origin, noun=self.noun, reason=reason)

    def _unpack(self, path: Path, data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
        if not data:
            raise self.damaged(path, "it is empty")
        if not data.startswith(b"PK"):
            raise self.foreign(path)
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as file:
                if MANIFEST not in file.namelist():
                    raise self.foreign(path)
                if sum(info.file_size for info in file.infolist()) > self.largest:
                    raise self.damaged(path, "it unfolds to more than it can hold")
                members = {name: file.read(name) for name in file.namelist()}
            manifest = json.loads(members.pop(MANIFEST))
        except (*_UNREADABLE, RecursionError) as error:
            raise self.damaged(path, "it is cut short or its checksums do not fit") from error
        if not isinstance(manifest, dict) or manifest.get("format") != self.format:
            raise self.foreign(path)
        if not isinstance(manifest.get("version"), int) or not isinstance(manifest.get("kind"), str):
            raise self.damaged(path, "its manifest is not complete")
        return manifest, members


def digest(members: Mapping[str, bytes]) -> str:
    """Return the digest of the members, in whatever order."""
    found = hashlib.blake2b(digest_size=32)
    for name in sorted(members):
        for part in (name.encode(), members[name]):
            found.update(len(part).to_bytes(8, "little"))
            found.update(part)
    return found.hexdigest()


def format_of(path: Path) -> str | None:
    """Return the format that a file says it has; None if it says nothing."""
    try:
        with zipfile.ZipFile(path) as file:
            if file.getinfo(MANIFEST).file_size > 2**16:
                return None
            manifest = json.loads(file.read(MANIFEST))
    except (*_UNREADABLE, KeyError, RecursionError):
        return None
    return str(manifest.get("format")) if isinstance(manifest, dict) else None
