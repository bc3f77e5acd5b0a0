"""Family 5: solving."""

from preimage.language.codes.table import Code

SOLVING: tuple[Code, ...] = ()
