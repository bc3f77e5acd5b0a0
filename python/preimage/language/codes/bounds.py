"""Family 4: bounds, and statements that can never hold."""

from preimage.language.codes.table import Code

BOUNDS = (
    Code(
        "PRE401",
        title="an input without bounds",
        template="`{name}` has no bounds",
        explanation="""\
Every input has a smallest and a largest value. They are what the proof starts from: without them no network has a
largest output. Physical limits, or the range of the training data, are good ones; near bounds make a fast search.""",
        wrong="input x[4]",
        right="input x[4] in 0..1",
    ),
    Code(
        "PRE402",
        title="an empty range",
        template="`{text}` is empty",
        explanation="""\
The smaller end of a range comes first, and both ends belong to it.""",
        wrong="input x in 1..0",
        right="input x in 0..1",
    ),
    Code(
        "PRE403",
        title="a range without whole numbers",
        template="`{text}` holds no whole number",
        explanation="""\
An `integer` takes the whole numbers between its bounds; between 0.2 and 0.8 there is none.""",
        wrong="integer x in 0.2..0.8",
        right="integer x in 0..1",
    ),
    Code(
        "PRE404",
        title="more selected than there are",
        template="{count} of `{text}` cannot be selected: it has {size}",
        explanation="""\
`select 2 of inks` lets at most two entries differ from 0. The number lies between 0 and the number of entries.""",
        wrong="input inks[44] in 0..1\nselect 50 of inks",
        right="input inks[44] in 0..1\nselect 5 of inks",
    ),
    Code(
        "PRE405",
        title="a statement that can never hold",
        template="this can never hold: {reason}",
        explanation="""\
The bounds of the inputs alone rule the statement out: this is proved, by adding up the smallest and the largest
values that each part can have. Either the bounds are too narrow or the statement asks for too much. Statements that
only together cannot hold are found by the search, which names them.""",
        wrong="integer layers[11] in 0..2\nrequire sum(layers) == 30",
        right="integer layers[11] in 0..30\nrequire sum(layers) == 30",
    ),
    Code(
        "PRE406",
        title="a selection among something else than entries of an input",
        template="nothing can be selected from `{text}`",
        explanation="""\
`select` counts which entries of one input are not 0: it takes an input, a slice of it, or a list of different
entries. To count over several inputs, declare one `binary` for each of their entries, and require that an entry is 0
where its binary is.""",
        wrong="input x[3] in 0..1\nselect 1 of 2*x",
        right="input x[3] in 0..1\nselect 1 of x",
    ),
    Code(
        "PRE407",
        title="a value that is not finite",
        template="`{text}` is not a finite number",
        explanation="""\
The arithmetic on numbers and params overflows, divides by 0, or takes the root or logarithm of what has none.""",
        wrong="param k = sqrt(-1)\ninput x in 0..1",
        right="param k = sqrt(2)\ninput x in 0..1",
    ),
    Code(
        "PRE408",
        title="more than can be handled",
        template="{what}; the limit is {limit}",
        explanation="""\
Problems are written out in full before the search, so their size is limited: instances of a `for`, entries of an
expression, entries of an input, and operations nested in one another. Whole arrays in one comparison (`require
x[0:99] <= x[1:100]`) cost far less than a `for` over their entries.""",
        wrong="input x in 0..1\nrequire x <= i for i in 1..1000000",
        right="input x in 0..1\nrequire x <= 1",
    ),
    Code(
        "PRE410",
        title="`per target` without targets",
        template="`{name}` cannot be chosen per target",
        explanation="""\
`per target` gives each row of `targets` its own copy of an input, or its own selection; so there must be a `targets`
declaration, and a selection per target needs an input per target. With `target` (without s) each row is a problem of
its own, and every input is chosen afresh for it anyway.""",
        wrong="target t = ((0.1, 0.2), (0.3, 0.4))\ninput x[2] in 0..1 per target\nminimise L1(x, t)",
        right="targets t = ((0.1, 0.2), (0.3, 0.4))\ninput x[2] in 0..1 per target\nminimise L1(x, t)",
    ),
    Code(
        "PRE411",
        title="a domain that does not belong to the word",
        template="{what}",
        explanation="""\
`input` takes a range or a catalogue, `integer` takes a range, and `binary` takes nothing: it is 0 or 1.""",
        wrong="binary open[5] in 0..1",
        right="binary open[5]",
    ),
    Code(
        "PRE412",
        title="shared bounds that depend on a target",
        template="the bounds of `{name}`, which all targets share, depend on a target",
        explanation="""\
The rows of `targets` are solved together. An input that they share has one pair of bounds; with `per target` each
copy has its own.""",
        wrong="targets t = ((0.1, 0.2), (0.3, 0.4))\ninput x[2] in 0..t\nminimise L1(x, t)",
        right="targets t = ((0.1, 0.2), (0.3, 0.4))\ninput x[2] in 0..t per target\nminimise L1(x, t)",
    ),
)
