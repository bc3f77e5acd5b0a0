"""Family 7: files and usage."""

from preimage.language.codes.table import Code

USAGE: tuple[Code, ...] = ()
