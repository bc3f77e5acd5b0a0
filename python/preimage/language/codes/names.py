"""Family 2, first half: names and shapes."""

from preimage.language.codes.table import Code

NAMES = (
    Code(
        "PRE201",
        title="a name declared twice",
        template="`{name}` is declared twice",
        explanation="""\
A name means one thing in the whole problem: networks, params, targets, inputs, `let` and the variables of `for` share
one set of names.""",
        wrong="param r = 0.9\ninput r[2] in 0..1",
        right="param r = 0.9\ninput x[2] in 0..r",
    ),
    Code(
        "PRE202",
        title="a name used above its declaration",
        template="`{name}` is used before it is declared",
        explanation="""\
A problem is read from the top: a name is declared on a line above the ones that use it.""",
        wrong="input x in 0..top\nparam top = 3",
        right="param top = 3\ninput x in 0..top",
    ),
    Code(
        "PRE203",
        title="a name without a value",
        template="`{name}` has no value",
        explanation="""\
`from NAME` without quotes, and a declaration with neither `from` nor `=`, take a value from outside. There are three
ways to give it: a variable of that name in the notebook, a keyword argument of `preimage.invert`, or `--set NAME=...`
on the command line (a number, a list such as `[1, 2]`, or the path of a file).""",
        wrong="param r\ninput x in 0..r",
        right="param r = 0.9\ninput x in 0..r",
    ),
    Code(
        "PRE204",
        title="an unknown name",
        template="there is no {kind}`{name}` here",
        explanation="""\
The name is declared nowhere above this line, and the language has none like it. Upper and lower case matter.""",
        wrong="input x[3] in 0..1\nlet tip = x[2]\nmaximise tipp",
        right="input x[3] in 0..1\nlet tip = x[2]\nmaximise tip",
    ),
    Code(
        "PRE205",
        title="a name that the language uses",
        template="`{name}` is a {what} of the language",
        explanation="""\
The names of functions (`sum`, `L1`, ...) and of the constants `pi` and `sqrt2` cannot be declared.""",
        wrong="input sum in 0..1",
        right="input total in 0..1",
    ),
    Code(
        "PRE206",
        title="a name of another kind",
        template="`{name}` is {kind}, not {wanted}",
        explanation="""\
Networks and functions are applied, `print(inks)`; entries of arrays are picked with square brackets, `mesh[0]`;
labels are given to inputs.""",
        wrong="param mesh = (1, 2)\ninput x in 0..1\nmaximise x*mesh(0)",
        right="param mesh = (1, 2)\ninput x in 0..1\nmaximise x*mesh[0]",
    ),
    Code(
        "PRE207",
        title="wrong arguments",
        template="`{function}` is written {usage}",
        explanation="""\
A function is given too many or too few values, or a named one that it does not have. A network takes one value: its
inputs, joined by `concat` if there are several.""",
        wrong="input x[2] in 0..1\nmaximise L1(x, x, x)",
        right="input x[2] in 0..1\nmaximise L1(x, (0.5, 0.5))",
    ),
    Code(
        "PRE208",
        title="a value that nothing takes",
        template="nothing in the problem takes the value `{name}`",
        explanation="""\
A value was given, as a keyword argument or with `--set`, under a name that no network, param or target has. The
variables of a notebook are not checked in this way.""",
        wrong='preimage.invert("duotone.inv", spectrm=wanted)',
        right='preimage.invert("duotone.inv", spectrum=wanted)',
    ),
    Code(
        "PRE211",
        title="shapes that do not fit",
        template="the shapes do not fit: {left}, {right}",
        explanation="""\
Sums, products and comparisons go entry by entry. As in numpy, axes are matched from the last one; a single number,
and an axis of length 1, are repeated. Distances (`L1`, `L2`, `Linf`) repeat nothing but single numbers: both sides
have the same shape.""",
        wrong="param o = (1.2, 4.0)\ninput p[3] in 0..1\nminimise L1(p, o)",
        right="param o = (1.2, 4.0)\ninput p[2] in 0..1\nminimise L1(p, o)",
    ),
    Code(
        "PRE212",
        title="a network fed the wrong size",
        template="`{network}` takes {expected} numbers, and `{text}` has {found}",
        explanation="""\
A network takes all its inputs as one array, in the order in which it was trained; an array of several axes is read
row by row.""",
        wrong='network print from "ink44.npz"\ninput inks[40] in 0..1\nminimise sum(print(inks))',
        right='network print from "ink44.npz"\ninput inks[44] in 0..1\nminimise sum(print(inks))',
    ),
    Code(
        "PRE213",
        title="a target of the wrong length",
        template="{left}, {right}",
        explanation="""\
A row of the target is compared with something of another length, most often a network's output. In a file, each row
is one target: a spectrum stands on one line, not one number a line.""",
        wrong="target wanted = (0.1, 0.2)\ninput x[3] in 0..1\nminimise L1(x, wanted)",
        right="target wanted = (0.1, 0.2, 0.3)\ninput x[3] in 0..1\nminimise L1(x, wanted)",
    ),
    Code(
        "PRE214",
        title="an index out of range",
        template="an index is out of range: `{subject}` has {count}{axis}",
        explanation="""\
Positions count from 0, so the last of 44 entries is 43; -1 is the last one too. The end of a slice is left out and
may lie beyond the last entry, as in Python.""",
        wrong="input inks[44] in 0..1\nmaximise inks[44]",
        right="input inks[44] in 0..1\nmaximise inks[43]",
    ),
    Code(
        "PRE215",
        title="an index that cannot be used",
        template="{what}",
        explanation="""\
There is at most one index an axis. Lists of positions in one pair of brackets have the same length, or are used one
after the other: `v[rows][:, columns]`. A mask (truth values from Python) is as long as its axis.""",
        wrong="input x[3] in 0..1\nmaximise x[0, 1]",
        right="input x[3] in 0..1\nmaximise x[0] + x[1]",
    ),
    Code(
        "PRE216",
        title="an index that picks nothing",
        template="`{text}` picks nothing",
        explanation="""\
The slice ends where it begins or before it. Positions count from 0, and the end of a slice is left out: `v[0:20]` are
the first twenty entries.""",
        wrong="input x[3] in 0..1\nmaximise sum(x[2:2])",
        right="input x[3] in 0..1\nmaximise sum(x[2:3])",
    ),
    Code(
        "PRE217",
        title="one number is wanted",
        template="{what} must be one number, and this has {shape}",
        explanation="""\
Lengths, counts and ends of ranges are single numbers. Pick an entry, `v[0]`, or make one number of all: `sum(v)`.""",
        wrong="param n = (2, 3)\ninput x[n] in 0..1",
        right="param n = (2, 3)\ninput x[n[0]] in 0..1",
    ),
    Code(
        "PRE218",
        title="a whole number is wanted",
        template="{what} must be a whole number{least}",
        explanation="""\
Lengths, positions, counts and the ends of `for` ranges are whole numbers. `floor` of a division is best computed
where the data comes from.""",
        wrong="input x[2.5] in 0..1",
        right="input x[2] in 0..1",
    ),
    Code(
        "PRE219",
        title="a ragged list",
        template="the entries of `{text}` have different shapes",
        explanation="""\
`(a, b, c)` is a vector of numbers, or a matrix of vectors that are all of the same length. `concat(a, b)` joins
vectors of different lengths.""",
        wrong="param o = ((1, 2), 3)\ninput x in 0..1",
        right="param o = ((1, 2), (3, 4))\ninput x in 0..1",
    ),
    Code(
        "PRE220",
        title="a reshape that does not fit",
        template="`{text}` has {found}, which do not fill {wanted}",
        explanation="""\
`reshape(v, 103, 2)` keeps the entries and their order (row by row), so the product of the lengths is the number of
entries. One length may be -1: it is what is left.""",
        wrong="input x[6] in 0..1\nlet y = reshape(x, 4, 2)",
        right="input x[6] in 0..1\nlet y = reshape(x, 3, 2)",
    ),
    Code(
        "PRE221",
        title="too few entries",
        template="{what} needs {wanted}, and this has {shape}",
        explanation="""\
Differences need two entries, second differences (`smooth`) three, `@` one or two axes, and `for` an axis to run
along.""",
        wrong="input x[2] in 0..1\nsmooth x within 0.1",
        right="input x[3] in 0..1\nsmooth x within 0.1",
    ),
    Code(
        "PRE222",
        title="targets with different numbers of rows",
        template="`{name}` has {rows}, and `{other}` has {other_rows}",
        explanation="""\
The rows of several targets belong together: the first problem takes the first row of each. So all `target`s have the
same number of rows, and so do all `targets`. A vector is one row; of an array with more axes, the first axis counts
the rows.""",
        wrong="target a = ((1, 2), (3, 4))\ntarget b = (1, 2)\ninput x[2] in 0..1\nminimise L1(x, a) + L1(x, b)",
        right="target a = ((1, 2), (3, 4))\ntarget b = ((1, 2), (1, 2))\ninput x[2] in 0..1\n"
        "minimise L1(x, a) + L1(x, b)",
    ),
)
