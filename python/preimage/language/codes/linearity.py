"""Family 3: what cannot be made linear."""

from preimage.language.codes.table import Code

LINEARITY = (
    Code(
        "PRE311",
        title="a product of two choices",
        template="a product of two choices cannot be made linear",
        explanation="""\
The search proves its answer with linear and piecewise-linear pieces, and a product of two values that both change is
neither. Allowed are products with numbers, params and rows of a target, and with a `binary` (they are made linear
exactly). Often bounds on each factor say what is meant; a few combinations can be listed by a `select` among
binaries: `select exactly 1 of on`, and `dot(on, products)` for the product.""",
        wrong="input x[2] in 0..1\nrequire x[0]*x[1] <= 0.5",
        right="input x in 0..1\nbinary on\nrequire on*x <= 0.5",
    ),
    Code(
        "PRE312",
        title="division by a choice",
        template="`{text}` changes in the search, so nothing can be divided by it",
        explanation="""\
Multiply the comparison by the denominator where its sign is known: `a/b <= 3` with `b` above 0 is `a <= 3*b`.""",
        wrong="input a in 0..1\ninput b in 1..2\nrequire a/b <= 0.5",
        right="input a in 0..1\ninput b in 1..2\nrequire a <= 0.5*b",
    ),
    Code(
        "PRE313",
        title="a curved function of a choice",
        template="`{text}` cannot be made linear: {operation} is taken of what is not fixed",
        explanation="""\
Powers, roots, exponentials and the like may be taken of numbers and params only. `abs`, `max`, `min`, `relu`, `clip`,
`L1` and `Linf` may be taken of anything; any other function can be learned by a small network.""",
        wrong="input x in 0..1\nminimise x**2",
        right="input x in 0..1\nminimise abs(x)",
    ),
    Code(
        "PRE314",
        title="a strict comparison",
        template="`{operator}` cannot be kept exactly by values that vary continuously",
        explanation="""\
A best design often lies on the border, which a strict comparison leaves out: there is no last number below 3. Write
`<=` or `>=`, with a margin where it matters. Between whole numbers `<` and `>` are exact and allowed, and so they are
in the condition of an `if`: `if x > 3 then ...`.""",
        wrong="input x in 0..1\nrequire x < 0.5",
        right="input x in 0..1\nrequire x <= 0.5",
    ),
    Code(
        "PRE315",
        title="a difference without a margin",
        template="`{left}` can come as near to `{right}` as it likes: that they differ says nothing",
        explanation="""\
Values that vary continuously can differ by less than any computer notices. Say by how much they are to differ:
`either a <= b - 0.01 or a >= b + 0.01`. For whole numbers `!=` is exact and allowed.""",
        wrong="input x in 0..1\nrequire x != 0.5",
        right="input x in 0..1\neither x <= 0.49 or x >= 0.51",
    ),
    Code(
        "PRE316",
        title="a clearance the wrong way round",
        template="a clearance is kept with >=",
        explanation="""\
`avoid L1(p, o) >= r` reads: keep clear of o, at least r away. The comparison is what holds in every design; anything
else is said with `require`.""",
        wrong="input p[2] in 0..3\navoid L1(p, (1, 1)) <= 0.5",
        right="input p[2] in 0..3\navoid L1(p, (1, 1)) >= 0.5",
    ),
    Code(
        "PRE317",
        title="an L2 in the wrong place",
        template="an L2 may only be minimised or bounded above",
        explanation="""\
The Euclidean norm is not piecewise linear; it is convex, which is enough where small values are wanted. So it may be
minimised or bounded above, after being added, multiplied by numbers that are not negative, or under a `max`. To keep
a distance, or to maximise one, use `L1` or `Linf`: in the plane, `L1(p, o) >= r*sqrt2` keeps at least r from o.""",
        wrong="input p[2] in 0..3\navoid L2(p, (1, 1)) >= 0.5",
        right="input p[2] in 0..3\navoid L1(p, (1, 1)) >= 0.5*sqrt2",
    ),
    Code(
        "PRE318",
        title="uses() of something else than an input",
        template="`{text}` is not an input, or entries of one",
        explanation="""\
`uses(v)` asks whether a chosen value is anything but exactly 0. Computed values are compared instead.""",
        wrong="input x[3] in 0..1\nif uses(x[0] + x[1]) then x[2] <= 0.5",
        right="input x[3] in 0..1\nif uses(x[0:2]) then x[2] <= 0.5",
    ),
    Code(
        "PRE321",
        title="what must be known before the search",
        template="{what} must be known before the search, and `{text}` {reason}",
        explanation="""\
Params, lengths, positions, counts, ends of ranges, values of catalogues, weights and limits of `clip` are made of
numbers and params. Bounds of inputs may depend on the row of a target, but not on another input: write `require x <=
y` instead.""",
        wrong="input x in 0..1\nparam y = 2*x",
        right="input x in 0..1\nlet y = 2*x",
    ),
)
