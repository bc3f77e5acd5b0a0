"""Look into a ``.pt2`` file before torch does: nothing in it may be code that runs as it is read.

A ``.pt2`` file is a zip archive of a graph (JSON) and of tensors. Its format also has room for pickled objects, for
compiled libraries and for expressions that are evaluated as Python; networks need none of them.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from math import prod
from pickle import UnpicklingError
from typing import Any

import torch

from preimage.networks.draft import LARGEST_MAP
from preimage.networks.network import ImportRefused

LARGEST_FILE = 8 * LARGEST_MAP
"""Bytes, unpacked, that are read."""
ARITHMETIC = re.compile(r"[\w\s+*/(),.'=<>-]*")
"""What symbolic sizes are written with, like ``Mul(Integer(2), Symbol('s0', positive=True))``."""
CODE = re.compile(r"\b[a-z_]\w*\s*\(|\)\s*\(|__|\.\s*[A-Za-z_]")
"""A call of anything but a class of sympy, or an attribute: torch evaluates these expressions as Python."""
ADVICE = "save it anew, with torch.export.save, from a network of plain tensors"


def check_archive(content: bytes) -> None:
    """Refuse a ``.pt2`` file that is damaged, too large, or could run code."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST_FILE:
                raise ImportRefused(f"it unpacks to more than {LARGEST_FILE} bytes")
            for name in archive.namelist():
                check_member(name, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        raise ImportRefused(f"it cannot be read as .pt2: {error}", advice="is the file complete?") from error


def check_member(name: str, archive: zipfile.ZipFile) -> None:
    """Refuse one member of the archive if it could run code."""
    if "aotinductor" in name or name.endswith((".so", ".dll", ".dylib")):
        raise ImportRefused(f"it holds compiled code (`{name}`)", advice=ADVICE)
    if name.endswith(".pt"):
        packed = archive.read(name)
        try:
            if packed:
                torch.load(BytesIO(packed), weights_only=True)
        except (UnpicklingError, RuntimeError, EOFError, ValueError) as error:
            raise ImportRefused(f"`{name}` in it holds more than tensors", advice=ADVICE) from error
    if name.endswith(".json"):
        for key, value in entries(json.loads(archive.read(name))):
            if key == "sizes" and prod(declared(value)) > LARGEST_MAP:
                raise ImportRefused(f"`{name}` in it declares a tensor of the shape {declared(value)}: too large")
            pickled = key == "use_pickle" and value is not False
            opaque = key == "path_name" and not str(value).startswith(("weight_", "tensor_", "constant_"))
            if pickled or opaque:
                raise ImportRefused(f"`{name}` in it refers to a pickled object", advice=ADVICE)
            if key == "expr_str" and (not ARITHMETIC.fullmatch(str(value)) or CODE.search(str(value))):
                raise ImportRefused(f"`{name}` in it holds the expression `{value}`", advice=ADVICE)


def declared(sizes: Any) -> list[int]:
    """Return the sizes that are numbers among those that a tensor declares."""
    given = [size.get("as_int") for size in sizes if isinstance(size, dict)] if isinstance(sizes, list) else []
    return [size for size in given if isinstance(size, int)]


def entries(value: Any) -> Iterator[tuple[str, Any]]:
    """Iterate over all keys and values of nested JSON."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            yield from current.items()
            pending.extend(current.values())
        elif isinstance(current, list):
            pending.extend(current)
