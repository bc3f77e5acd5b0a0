"""Family 6: importing networks."""

from preimage.language.codes.table import Code

IMPORTS: tuple[Code, ...] = ()
