"""Family 1: what cannot be read."""

from preimage.language.codes.table import Code

SYNTAX = (
    Code(
        "PRE101",
        title="a word or sign out of place",
        template="`{statement}` cannot go on with {found}",
        explanation="""\
Up to here the statement could be read; what comes next does not fit. The message says what may come instead.""",
        wrong="select 2 inks",
        right="select 2 of inks",
    ),
)
