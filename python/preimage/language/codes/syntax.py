"""Family 1: what cannot be read."""

from preimage.language.codes.table import Code

SYNTAX = (
    Code(
        "PRE101",
        title="a word or sign out of place",
        template="this `{statement}` should go on with {due}",
        explanation="""\
Up to the place marked, the statement could be read; what stands there does not fit. The message lists what may stand
there instead. Often a joining word is missing: `of` in a `select`, `in` before bounds, `within` in a `smooth`, `then`
in an `if`.""",
        wrong="select 2 inks",
        right="select 2 of inks",
    ),
    Code(
        "PRE102",
        title="a statement that breaks off",
        template="this `{statement}` is not finished",
        explanation="""\
The line ends before its statement does. A statement goes on in the next line only while a bracket is open: to break a
long one, put brackets around it.""",
        wrong="require x[0] + x[1] <=\n    3",
        right="require (x[0] + x[1] <=\n    3)",
    ),
    Code(
        "PRE103",
        title="no such statement",
        template="no statement begins with {word}",
        explanation="""\
Every line begins with the word that says what it is: `input`, `require`, `minimise` and so on; upper and lower case
matter. A name gets its value by `let` (an expression) or `param` (numbers).""",
        wrong="minimse L1(print(inks), colour)",
        right="minimise L1(print(inks), colour)",
    ),
    Code(
        "PRE104",
        title="a bracket that is never closed",
        template="this `{bracket}` is never closed",
        explanation="""\
Line breaks mean nothing while a bracket is open, so the statement would run on. It is taken to end before the next
line that begins a statement.""",
        wrong="require sum(layers == 30\nminimise L1(stack(layers), colour)",
        right="require sum(layers) == 30\nminimise L1(stack(layers), colour)",
    ),
    Code(
        "PRE105",
        title="a closing bracket too many",
        template="`{bracket}` closes nothing",
        explanation="""\
There is no open bracket that this one could close, or the last one opened is of another kind. Brackets close in the
reverse order of their opening.""",
        wrong="let tip = pose[61)",
        right="let tip = pose[61]",
    ),
    Code(
        "PRE106",
        title="a sign the language does not have",
        template="{sign} means nothing here",
        explanation="""\
Outside of comments and quoted texts, a problem is written with letters, digits, blanks and
`+ - * / @ ** = == <= >= < > != ( ) [ ] { } , : .. % # "`. Letters of any script may stand in names; `≤ ≥ ×` may be
typed for `<= >= *`. Text copied from a document often brings other signs along: long dashes, curly quotes, blanks of no
width.""",
        wrong="minimise (y[0] - 3)^2",
        right="minimise abs(y[0] - 3)",
    ),
    Code(
        "PRE107",
        title="a quoted text without an end",
        template="this text has no end",
        explanation="""\
A text begins and ends with `"`, on one line. A backslash in it is just a backslash.""",
        wrong='network print from "ink44.npz',
        right='network print from "ink44.npz"',
    ),
    Code(
        "PRE108",
        title="nested too deep",
        template="brackets are nested more than {limit} deep",
        explanation="""\
Nobody can read it, and this reader does not try. Give inner parts names with `let`; a long sum or a long list needs no
brackets inside.""",
        wrong="let a = " + "(" * 51 + "x" + ")" * 51,
        right="let a = x",
    ),
    Code(
        "PRE109",
        title="not a text",
        template="this is not a text: {reason}",
        explanation="""\
A problem is plain text in UTF-8. Perhaps the file is a network or a spreadsheet, or an editor saved it in another
encoding, such as UTF-16 or Latin-1.""",
        wrong="preimage check ink44.npz",
        right="preimage check duotone.inv",
    ),
    Code(
        "PRE110",
        title="a word of the language as a name",
        template="`{word}` is a word of the language and cannot be a name",
        explanation="""\
The verbs that begin statements and the words that join their parts are reserved: the language reference lists them. All
other words may be names, also `target`, `names` or `gap`.""",
        wrong="let in = 3",
        right="let inlet = 3",
    ),
    Code(
        "PRE111",
        title="`=` and `==` mixed up",
        template="{problem}; `{meant}` does",
        explanation="""\
In a condition two values are compared, by `==`, `<=` or `>=`. A single `=` stands in `param`, `let`, `target`, `names`
and before the value of a named argument, `weights=w`.""",
        wrong="require sum(layers) = 30",
        right="require sum(layers) == 30",
    ),
    Code(
        "PRE112",
        title="two values side by side",
        template="nothing stands between `{left}` and `{right}`",
        explanation="""\
A product is written with `*`: `2*x`, not `2x` or `2 x`. The entries of a list are separated by commas.""",
        wrong="let thickness = 10x",
        right="let thickness = 10*x",
    ),
    Code(
        "PRE113",
        title="a condition where a value is wanted",
        template="a value is wanted here, not a condition",
        explanation="""\
A condition, `x <= 3`, holds or does not; it is not a number, and cannot be added, named or minimised. Conditions stand
in `require`, `avoid`, `if` and `either`, joined by `and`, `or`, `not`. To count how often something holds, declare a
`binary` and tie it to the condition.""",
        wrong="let thick = x[0] >= 3",
        right="require x[0] >= 3",
    ),
    Code(
        "PRE114",
        title="a value where a condition is wanted",
        template="a condition is wanted here, not a value",
        explanation="""\
What must hold is a comparison, `x >= 1`, or `uses(x)` (x is not zero), or several of them joined by `and`, `or`, `not`.
A `binary` is a number too, 0 or 1: compare it.""",
        wrong="if open[2] then x[0] <= 1",
        right="if open[2] == 1 then x[0] <= 1",
    ),
    Code(
        "PRE115",
        title="a quoted text where a value is wanted",
        template="a value is wanted here, not a text",
        explanation="""\
Quoted texts name files. A file is read by `from`, where a name is declared.""",
        wrong='param mesh = "rest-pose.csv"',
        right='param mesh from "rest-pose.csv"',
    ),
    Code(
        "PRE116",
        title="an unknown unit of time",
        template="`{unit}` is not a unit of time",
        explanation="""\
A time is given in seconds, minutes or hours: `60 s`, `2 min`, `1 h`.""",
        wrong="solve for 60 seconds",
        right="solve for 60 s",
    ),
    Code(
        "PRE117",
        title="an unknown engine",
        template="there is no engine `{engine}`",
        explanation="""\
The engines are `branch` (branch and bound over what may be chosen), `milp` (a mixed-integer program for SCIP) and
`adjoint` (gradient descent from many starts; finds designs, proves nothing). Without `using`, the best for the problem
are taken, and why is said.""",
        wrong="solve using gurobi",
        right="solve using branch, milp",
    ),
    Code(
        "PRE118",
        title="a part of `solve` said twice",
        template="a `solve` line says each thing once",
        explanation="""\
The time, the gap, the engines, their ways and the seed may each be given once, in any order. Several engines stand
after one `using`, with commas.""",
        wrong="solve using branch using milp",
        right="solve using branch, milp",
    ),
    Code(
        "PRE119",
        title="a seed that is not a whole number",
        template="a seed is a whole number",
        explanation="""\
The seed picks the random numbers of the engines: with the same seed, the same problem is solved in the same way.""",
        wrong="solve with seed 0.5",
        right="solve with seed 5",
    ),
    Code(
        "PRE120",
        title="a number too large",
        template="this number is too large",
        explanation="""\
Numbers are kept in 64 bits, which hold up to about 1.8e308. Perhaps a digit too many slipped into an exponent.""",
        wrong="param huge = 1e999",
        right="param huge = 1e99",
    ),
    Code(
        "PRE122",
        title="a named argument before others",
        template="named arguments come last",
        explanation="""\
In a call, what is named (`weights=w`) stands after what is not.""",
        wrong="minimise L1(weights=w, a, b)",
        right="minimise L1(a, b, weights=w)",
    ),
    Code(
        "PRE123",
        title="`uses` of nothing or of several",
        template="`uses` asks about one value",
        explanation="""\
`uses(v)` holds if v is not zero; if v is a vector, if some entry is not zero. Several values are asked one by one,
joined by `and` or `or`.""",
        wrong="require uses(inks[3], inks[5])",
        right="require uses(inks[3]) or uses(inks[5])",
    ),
    Code(
        "PRE124",
        title="two statements on a line",
        template="a statement ends with its line",
        explanation="""\
Each statement stands on a line of its own.""",
        wrong="let a = x[0] let b = x[1]",
        right="let a = x[0]\nlet b = x[1]",
    ),
    Code(
        "PRE125",
        title="`for` at the beginning",
        template="`for` stands at the end of a statement",
        explanation="""\
`for` repeats the one statement that it ends. There are no loops around several statements.""",
        wrong="for i in 0..2 require t[i] <= t[i+1]",
        right="require t[i] <= t[i+1] for i in 0..2",
    ),
    Code(
        "PRE126",
        title="an unknown way to be off",
        template="values cannot be off in {norm}",
        explanation="""\
`robust within 0.01` lets every value be off by 0.01 by itself; `in L1`, all of them by 0.01 in sum; `together`, all of
them by the same amount, up to 0.01 either way, as when a mask is etched too long.""",
        wrong="robust within 0.01 in L2",
        right="robust within 0.01 in L1",
    ),
    Code(
        "PRE127",
        title="a number of designs that is not whole",
        template="a number of designs is a whole number",
        explanation="""\
`solve for 5 designs within 1%` asks for the best design and four others that differ from it and from one another.""",
        wrong="solve for 2.5 designs within 1%",
        right="solve for 3 designs within 1%",
    ),
    Code(
        "PRE128",
        title="an unknown way of `milp`",
        template="`milp` cannot be had with `{way}`",
        explanation="""\
How `milp` goes about a problem may be said behind `with`: `highs` solves the program with HiGHS instead of SCIP;
`plain` writes each neuron without a variable for what goes into it; `sos1` writes it with a special ordered set instead
of a binary.""",
        wrong="solve using milp with cplex",
        right="solve using milp with highs",
    ),
    Code(
        "PRE129",
        title="ways that do not go together",
        template="`{first}` and `{second}` do not go together: {reason}",
        explanation="""\
`highs` and `plain` go together; `sos1` is for SCIP, and takes the place of `plain`.""",
        wrong="solve using milp with highs and sos1",
        right="solve using milp with highs and plain",
    ),
    Code(
        "PRE130",
        title="a way of `milp` without `milp`",
        template="`{way}` is a way of `milp`, which is not asked for",
        explanation="""\
`highs`, `plain` and `sos1` say how the engine `milp` goes about a problem; no other engine knows them.""",
        wrong="solve using branch with highs",
        right="solve using milp with highs",
    ),
    Code(
        "PRE131",
        title="a number of steps that is not whole",
        template="a number of steps is a whole number",
        explanation="""\
`solve for 100 steps` tries 100 designs of a structure, each of which takes one solution for the displacements.""",
        wrong="solve for 10.5 steps",
        right="solve for 10 steps",
    ),
    Code(
        "PRE132",
        title="a grid of one size",
        template="a grid has two sizes, written with `x` between them",
        explanation="""\
`192 x 64` is a grid of 192 elements from left to right and 64 from bottom to top; `192 * 64` and `192 × 64` are read
the same.""",
        wrong="structure bridge on 192",
        right="structure bridge on 192 x 64",
    ),
    Code(
        "PRE133",
        title="a direction said twice",
        template="`{direction}` is said twice",
        explanation="""\
A support holds its nodes in x (from left to right), in y (from bottom to top), or in both.""",
        wrong="support left edge in x and x",
        right="support left edge in x and y",
    ),
    Code(
        "PRE134",
        title="an unknown way to draw a structure",
        template="a structure cannot be drawn by `{way}`",
        explanation="""\
`reparameterise by cnn` lets a small convolutional network draw the density, whose weights are what is improved;
`by pixels`, each element is by itself, which is the same as leaving the line out.""",
        wrong="reparameterise by gan",
        right="reparameterise by cnn",
    ),
)
