"""Family 4: bounds, and statements that can never hold."""

from preimage.language.codes.table import Code

BOUNDS: tuple[Code, ...] = ()
