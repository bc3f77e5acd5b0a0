"""The one table of codes: what each mistake is called, how it is reported, and how it is explained.

One file a family; `preimage explain`, the reference page and the tests read the table from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from preimage.language.codes.bounds import BOUNDS
from preimage.language.codes.data import DATA
from preimage.language.codes.imports import IMPORTS
from preimage.language.codes.linearity import LINEARITY
from preimage.language.codes.names import NAMES
from preimage.language.codes.solving import SOLVING
from preimage.language.codes.structures import STRUCTURES
from preimage.language.codes.syntax import SYNTAX
from preimage.language.codes.table import FAMILIES, Code
from preimage.language.codes.usage import USAGE

ROWS = SYNTAX + NAMES + DATA + LINEARITY + BOUNDS + SOLVING + IMPORTS + USAGE + STRUCTURES
CODES: Mapping[str, Code] = MappingProxyType({row.code: row for row in ROWS})

__all__ = ["CODES", "FAMILIES", "ROWS", "Code"]
