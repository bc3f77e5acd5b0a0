"""Hypothesis strategies for syntax trees: every kind of statement, value and condition."""

from hypothesis import strategies as st

from preimage.language import tree
from preimage.language.span import Span
from preimage.language.words import ENGINES, METHODS, REPARAMETERISATIONS, RESERVED, SOFT, UNITS

SPAN = Span(0, 0)


def node(kind, *fields, **named):
    return st.builds(kind, *fields, span=st.just(SPAN), **named)


def tuples(items, smallest=1, largest=3):
    return st.lists(items, min_size=smallest, max_size=largest).map(tuple)


words = st.one_of(
    st.sampled_from(sorted(SOFT)),
    st.sampled_from(["x", "inks", "forest", "inner", "λ", "x_1", "Größe", "targets2", "not_this", "uses"]),
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True),
).filter(lambda word: word not in RESERVED)
names = node(tree.Name, words)
called = node(tree.Name, words.filter(lambda word: word != "uses"))
numbers = node(tree.Number, st.floats(0, 1e300, allow_subnormal=False) | st.integers(0, 10**6).map(float))
texts = node(tree.Text, st.text(st.characters(exclude_characters='"\n\r\0', exclude_categories=["Cs"]), max_size=8))
files = node(tree.File, texts, st.none() | texts)
bounds = node(tree.Bound, names)


def same_rank(arithmetic: tree.Arithmetic) -> bool:
    """A first operand of the same rank is never made by the parser: it is flattened."""
    first = arithmetic.operands[0]
    return isinstance(first, tree.Arithmetic) and (first.operators[0] in "+-") == (arithmetic.operators[0] in "+-")


@st.composite
def arithmetics(draw, values):
    operands = draw(tuples(values, 2, 4))
    rank = draw(st.sampled_from(["+-", "*/@"]))
    operators = tuple(draw(st.sampled_from(rank)) for _ in operands[1:])
    return tree.Arithmetic(operands, operators, span=SPAN)


def compound(values):
    """Return a strategy for each kind of value that is made of values."""
    slices = node(tree.Slice, st.none() | values, st.none() | values, st.none() | values)
    keywords = node(tree.Keyword, names, values)
    return {
        tree.Unary: node(tree.Unary, st.sampled_from("-+"), values),
        tree.Arithmetic: arithmetics(values).filter(lambda found: not same_rank(found)),
        tree.Power: node(tree.Power, values, values),
        tree.Call: node(tree.Call, called, tuples(values, 0), tuples(keywords, 0, 2)),
        tree.Index: node(tree.Index, values, tuples(values | slices)),
        tree.Tuple: node(tree.Tuple, tuples(values)),
    }


expressions = st.recursive(numbers | names, lambda inner: st.one_of(*compound(inner).values()), max_leaves=5)


@st.composite
def comparisons(draw):
    operands = draw(tuples(expressions, 2, draw(st.sampled_from([2, 2, 3]))))
    operators = tuple(draw(st.sampled_from(["==", "<=", ">=", "<", ">", "!="])) for _ in operands[1:])
    return tree.Comparison(operands, operators, span=SPAN)


def joined(kind, conditions):
    return node(kind, tuples(conditions.filter(lambda part: not isinstance(part, kind)), 2))


conditions = st.recursive(
    comparisons() | node(tree.Uses, expressions),
    lambda inner: node(tree.Not, inner) | joined(tree.And, inner) | joined(tree.Or, inner),
    max_leaves=4,
)

ranges = node(tree.Range, expressions, expressions)
catalogues = node(tree.Catalogue, tuples(expressions))
quantifiers = tuples(node(tree.Quantifier, names, ranges | expressions), 0, 2)
alternatives = tuples(conditions.filter(lambda part: not isinstance(part, tree.Or)), 2)

ends = st.tuples(st.none(), st.none()) | st.tuples(expressions, expressions)
places = (
    node(tree.GridNode, expressions)
    | node(tree.Line, tuples(expressions, 2))
    | st.builds(
        lambda side, ends: tree.Edge(side, *ends, span=SPAN), st.sampled_from(["left", "right", "top", "bottom"]), ends
    )
)
regions = node(tree.Rectangle, expressions, expressions) | node(tree.Disc, expressions, expressions)

STATEMENTS = {
    tree.NetworkDeclaration: node(tree.NetworkDeclaration, names, st.none() | files | bounds),
    tree.ParamDeclaration: node(tree.ParamDeclaration, names, st.none() | expressions | files | bounds),
    tree.TargetDeclaration: node(
        tree.TargetDeclaration, names, st.booleans(), st.none() | expressions | files | bounds
    ),
    tree.InputDeclaration: node(
        tree.InputDeclaration,
        names,
        st.sampled_from(["input", "integer", "binary"]),
        tuples(expressions, 0, 2),
        st.none() | ranges | catalogues,
        st.booleans(),
    ),
    tree.NamesDeclaration: node(tree.NamesDeclaration, names, files | bounds | tuples(texts)),
    tree.Let: node(tree.Let, names, expressions),
    tree.Require: node(tree.Require, conditions, quantifiers),
    tree.Select: node(
        tree.Select,
        st.sampled_from(["at most", "at least", "exactly"]),
        expressions,
        expressions,
        st.booleans(),
        quantifiers,
    ),
    tree.Smooth: node(tree.Smooth, expressions, expressions, quantifiers),
    tree.Avoid: node(tree.Avoid, conditions, quantifiers),
    tree.If: node(tree.If, conditions, conditions, quantifiers),
    tree.Either: node(tree.Either, alternatives, quantifiers),
    tree.Objective: node(tree.Objective, st.sampled_from(["minimise", "maximise"]), expressions),
    tree.Robust: node(
        tree.Robust,
        st.none() | expressions,
        expressions,
        st.sampled_from(["each", "L1", "together"]),
        tuples(expressions, 0),
    )
    | node(
        tree.Robust,
        st.none(),
        expressions,
        st.sampled_from(["each", "L1", "together"]),
        tuples(expressions, 0),
        st.just(True),
    ),
    tree.Solve: node(
        tree.Solve,
        st.none() | node(tree.Designs, node(tree.Number, st.integers(1, 99).map(float)), numbers, st.booleans()),
        st.none() | node(tree.TimeLimit, numbers, st.sampled_from(list(UNITS))),
        st.none() | node(tree.Gap, numbers, st.booleans()),
        tuples(node(tree.Name, st.sampled_from([*ENGINES, *METHODS])), 0),
        st.just(()),
        st.none() | node(tree.Number, st.integers(0, 10**6).map(float)),
        st.none() | node(tree.Steps, node(tree.Number, st.integers(1, 999).map(float))),
    )
    | node(
        tree.Solve,
        st.none(),
        st.none(),
        st.none(),
        st.tuples(node(tree.Name, st.sampled_from(ENGINES)), node(tree.Name, st.just("milp"))),
        st.sampled_from([("highs",), ("highs", "plain"), ("plain", "highs"), ("sos1",)]).flatmap(
            lambda ways: st.tuples(*(node(tree.Name, st.just(way)) for way in ways))
        ),
        st.none() | node(tree.Number, st.integers(0, 10**6).map(float)),
    ),
    tree.StructureDeclaration: node(tree.StructureDeclaration, names, expressions, expressions),
    tree.Support: node(tree.Support, places, st.sampled_from(["x", "y", "xy"]), quantifiers),
    tree.Load: node(tree.Load, places, expressions, st.booleans(), quantifiers),
    tree.LoadCase: node(tree.LoadCase, names, st.none() | expressions),
    tree.Region: node(tree.Region, st.sampled_from(["solid", "void"]), regions, quantifiers),
    tree.Symmetric: node(tree.Symmetric, st.sampled_from(["x", "y"]), expressions),
    tree.Volume: node(tree.Volume, expressions, st.booleans(), st.sampled_from([None, "before", "after"])),
    tree.Filter: node(tree.Filter, expressions, st.booleans()),
    tree.Members: node(tree.Members, expressions),
    tree.Reparameterise: node(tree.Reparameterise, node(tree.Name, st.sampled_from(REPARAMETERISATIONS))),
}

VALUES = {tree.Number: numbers, tree.Name: names, **compound(expressions)}

CONDITIONS = {
    tree.Comparison: comparisons(),
    tree.Uses: node(tree.Uses, expressions),
    tree.Not: node(tree.Not, conditions),
    tree.And: joined(tree.And, conditions),
    tree.Or: joined(tree.Or, conditions),
}

statements = st.one_of(*STATEMENTS.values())
programs = st.builds(tree.Program, tuples(statements, 1, 3))
