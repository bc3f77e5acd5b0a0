"""Family 3: what cannot be made linear."""

from preimage.language.codes.table import Code

LINEARITY: tuple[Code, ...] = ()
