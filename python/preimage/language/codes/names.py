"""Family 2: names, shapes and data."""

from preimage.language.codes.table import Code

NAMES: tuple[Code, ...] = ()
