"""Family 5: solving."""

from preimage.language.codes.table import Code

SOLVING = (
    Code(
        "PRE501",
        title="two objectives",
        template="there is one objective, and this is the second",
        explanation="""\
What is best must be one number. Weigh several wishes against each other, `minimise a + 0.1*b`, or ask for all but one
of them with `require`. What is far from all the rest is `minimise max(a, b)`.""",
        wrong="input x[2] in 0..1\nminimise x[0]\nmaximise x[1]",
        right="input x[2] in 0..1\nminimise x[0] - x[1]",
    ),
    Code(
        "PRE502",
        title="an objective of several numbers",
        template="an objective is one number, and this has {shape}",
        explanation="""\
Make one number of them: `sum(v)`, `max(v)`, or a distance such as `L1(v, wanted)`. An objective that names a row of
`targets` is summed over the rows by itself.""",
        wrong="input x[3] in 0..1\nminimise x",
        right="input x[3] in 0..1\nminimise sum(x)",
    ),
    Code(
        "PRE503",
        title="an objective without a choice",
        template="`{text}` does not depend on any input",
        explanation="""\
Every design would be equally good. Without an objective, any design that meets all statements is an answer.""",
        wrong="param r = 0.9\ninput x in 0..1\nminimise r",
        right="param r = 0.9\ninput x in 0..1\nminimise abs(x - r)",
    ),
    Code(
        "PRE504",
        title="two solve lines",
        template="there is one `solve` line, and this is the second",
        explanation="""\
All that is said about solving stands in one line, in any order: `solve for 60 s to gap 0.01% using branch with seed
3`.""",
        wrong="input x in 0..1\nsolve for 60 s\nsolve to gap 0.1%",
        right="input x in 0..1\nsolve for 60 s to gap 0.1%",
    ),
    Code(
        "PRE505",
        title="a limit of nothing",
        template="{what} must be more than 0",
        explanation="""\
A search needs some time, and ends when the proved gap falls to the one that is asked for. A gap of 0 is out of reach
of floating-point numbers; 0.0001% is not. A design that may be off by nothing has no worst case but itself.""",
        wrong="input x in 0..1\nsolve for 0 s",
        right="input x in 0..1\nsolve for 1 s",
    ),
    Code(
        "PRE506",
        title="nothing to choose",
        template="nothing may be chosen in this problem",
        explanation="""\
A problem has at least one `input`, `integer` or `binary`: what the search may choose.""",
        wrong="param r = 0.9",
        right="param r = 0.9\ninput x in 0..r",
    ),
    Code(
        "PRE507",
        title="an engine for other problems",
        template="`{engine}` cannot work on this problem: {reason}",
        explanation="""\
Not every engine takes every problem. Without `using`, Preimage takes those that fit; `preimage explain PROBLEM.inv`
tells which, and why.""",
        wrong="preimage solve duotone.inv --using branch",
        right="preimage solve duotone.inv",
    ),
    Code(
        "PRE508",
        title="the worst case of nothing",
        template="there is no objective whose worst case could be proved",
        explanation="""\
`robust within 1e-3` proves how bad the objective of the design gets if its values are off by so much. Without an
objective, say what must not move: `robust drift of y within 1e-3` proves how far `y` gets from its value on the
design, in L1.""",
        wrong="input x[2] in 0..1\nrobust within 1e-3",
        right="input x[2] in 0..1\nrobust drift of 2*x within 1e-3",
    ),
    Code(
        "PRE509",
        title="what cannot be off",
        template="{what} cannot be off",
        explanation="""\
What is made is a little off in what may take any value within its bounds: in an `input x in 0..1`. Integers, binaries
and values of a catalogue are made as they are chosen; an input that `select` leaves out stays 0.""",
        wrong="integer n in 0..7\nminimise n\nrobust within 1e-3",
        right="input n in 0..7\nminimise n\nrobust within 1e-3",
    ),
    Code(
        "PRE510",
        title="no robust design",
        template="a robust design cannot be searched for here: {reason}",
        explanation="""\
`robust design within 1e-3` looks for the design whose worst case is best. There is one such line, for one target at a
time, and what may be off is not selected from: an entry that is left out would stay 0 in one design and be off in
another. Without `design`, the worst case of the best design is proved.""",
        wrong="input x[3] in 0..1\nselect 2 of x\nmaximise sum(x)\nrobust design within 1e-3",
        right="input x[3] in 0..1\nselect 2 of x\nmaximise sum(x)\nrobust within 1e-3",
    ),
)
