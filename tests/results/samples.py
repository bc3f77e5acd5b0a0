"""Answers as the engines give them, made by hand: what pictures, cards and texts are tried on."""

import numpy as np

from preimage.engines.boxes import Boxes
from preimage.engines.search import TraceRow, relative_gap
from preimage.results import Candidate, Result, Sweep, WorstCase

DUOTONE = """\
network print from "ink44.npz"
targets spectrum from "six-spectra.csv"
input inks[44] in 0..1 per target
select 2 of inks
minimise L1(print(inks), spectrum)
"""


def trace(*rows: tuple[float, float | None, float | None, str]) -> tuple[TraceRow, ...]:
    return tuple(TraceRow(*row) for row in rows)


def four_inks() -> Result:
    """Three Lab numbers from four inks, optimal."""
    return Result(
        status="optimal",
        objective=0.74277,
        bound=0.7427,
        gap=relative_gap(0.74277, 0.7427),
        design={"inks": [0.12, 0.0, 0.93, 0.4]},
        predictions={"press(inks)": [52.1, -18.4, 31.3]},
        targets={"colour": [52.3, -18.2, 31.0]},
        labels={"inks": ("cyan", "magenta", "yellow", "black")},
        limits={"inks": [[0.0] * 4, [1.0] * 4]},
        trace=trace(
            (0.02, 4.812, 0.0, "adjoint"),
            (0.09, 0.7466, 0.0, "adjoint, polished"),
            (0.2, 0.7466, 0.612, "branch"),
            (0.26, 0.7431, 0.66, "branch"),
            (0.31, 0.74277, 0.7427, "branch"),
        ),
        statistics={
            "variables": 264,
            "binaries": 97,
            "rows": 812,
            "nonzeros": 20111,
            "layers": [{"name": "press", "stable_active": 2, "stable_inactive": 1, "unstable": 97}],
            "nodes": {"branch": 412},
        },
        provenance={"text": DUOTONE, "file": "duotone.inv", "seed": 0, "threads": 2, "gap": 1e-4},
        seconds=0.33,
    )


def six_spectra() -> Result:
    """Two of 44 inks for six spectra, stopped by the limit."""
    random = np.random.default_rng(1)
    wavelengths = np.linspace(0, 1, 31)
    target = np.stack([0.3 + 0.2 * np.sin(4 * wavelengths + k) + 0.05 * k for k in range(6)])
    inks = np.zeros((6, 44))
    inks[:, [7, 30]] = random.uniform(0.05, 0.95, (6, 2))
    return Result(
        status="feasible",
        objective=0.7431,
        bound=0.612,
        gap=relative_gap(0.7431, 0.612),
        design={"inks": inks},
        predictions={"print(inks)": target + random.normal(0, 0.01, target.shape).cumsum(axis=1)},
        targets={"spectrum": target},
        labels={
            "inks": tuple(f"ink {k}" if k not in (7, 30) else ("magenta" if k == 7 else "deep cyan") for k in range(44))
        },
        limits={"inks": [np.zeros((6, 44)), np.ones((6, 44))]},
        trace=trace(
            (0.05, None, 0.0, "milp"),
            (0.4, 41.2, 0.0, "adjoint"),
            (0.9, 7.9, 0.0, "adjoint"),
            (2.0, 1.2, 0.0, "adjoint, polished"),
            (2.5, 1.2, 0.11, "branch"),
            (4.0, 0.81, 0.32, "branch"),
            (9.0, 0.81, 0.45, "branch"),
            (21.0, 0.7431, 0.57, "milp"),
            (47.0, 0.7431, 0.612, "branch"),
        ),
        provenance={"text": DUOTONE, "file": "duotone.inv"},
        seconds=60.0,
    )


def worst_case() -> Result:
    """The largest drift around a design: narrow bounds, and the objective rises."""
    middle = np.array([0.31, 0.52, 0.77, 0.40, 0.28, 0.66, 0.59, 0.81])
    x = middle + 1e-3 * np.array([1, -1, 1, 1, -1, 0.2, 1, -1])
    return Result(
        status="optimal",
        objective=0.02217,
        bound=0.022171,
        gap=relative_gap(0.02217, 0.022171),
        design={"x": x},
        predictions={"meta(x)": 0.5 + 0.3 * np.cos(np.linspace(0, 9, 120))},
        limits={"x": [middle - 1e-3, middle + 1e-3]},
        trace=trace(
            (0.01, 0.011, None, "adjoint"),
            (0.02, 0.011, 5.2, "branch"),
            (0.1, 0.0218, 0.21, "branch"),
            (0.6, 0.02217, 0.031, "branch"),
            (1.4, 0.02217, 0.0225, "branch"),
            (2.2, 0.02217, 0.022171, "branch"),
        ),
        sense="maximise",
        seconds=2.21,
    )


def infeasible() -> Result:
    """Two statements that clash."""
    return Result(
        status="infeasible",
        clashes=((9, "smooth stretch[0:20] within 0.2"), (12, "require stretch[0] - stretch[1] >= 0.38")),
        trace=trace((0.1, None, 0.2, "branch")),
        provenance={"text": "\n" * 20, "file": "snake.inv"},
        seconds=0.4,
    )


def no_bound() -> Result:
    """Designs, and nothing proved; the body of a robot in the plane."""
    angle = np.linspace(0, 2 * np.pi, 60)
    stretch = 0.2 * np.sin(np.arange(40))
    stretch[5:9] = 0.0
    return Result(
        status="interrupted",
        objective=0.31,
        design={"stretch": stretch},
        predictions={"pose": np.stack([np.cos(angle) + 0.3 * angle, 5 + 3 * np.sin(angle)], axis=1)},
        targets={"goal": [2.0, 4.5]},
        limits={"stretch": [np.full(40, -0.2), np.full(40, 0.2)]},
        trace=trace((0.3, 0.9, None, "adjoint"), (1.1, 0.42, None, "adjoint"), (5.0, 0.31, None, "milp")),
        seconds=6.0,
    )


def integers() -> Result:
    """An integer design next to a binary one, with a target per entry; a search over at once."""
    return Result(
        status="optimal",
        objective=0.0,
        bound=0.0,
        gap=0.0,
        design={"layers": np.array([0, 3, 7, 0, 0, 10, 4, 6, 0, 0, 0]), "open": np.array([1, 0, 1, 0, 0])},
        predictions={"stack(layers)": [61.0, 12.0, -3.0]},
        targets={"colour": [61.0, 12.0, -3.0]},
        limits={"layers": [np.zeros(11), np.full(11, 30)], "open": [np.zeros(5), np.ones(5)]},
        trace=trace((0.004, 0.0, 0.0, "adjoint")),
        seconds=0.005,
    )


def sweep() -> Sweep:
    """24 colours: most optimal, some not, one infeasible, one without a design."""
    random = np.random.default_rng(4)
    base = four_inks()
    results = []
    for k in range(24):
        objective = float(np.exp(random.normal(0, 1.2)))
        bound = objective * (1 - 5e-5) if k % 6 else objective * 0.6
        target = random.uniform([20, -60, -60], [90, 60, 60])
        results.append(
            Result(
                status="optimal" if k % 6 else "feasible",
                objective=objective,
                bound=bound,
                gap=relative_gap(objective, bound),
                design={"inks": random.uniform(0, 1, 4)},
                predictions={"press(inks)": target + random.normal(0, objective, 3)},
                targets={"colour": target},
                labels=base.labels,
                limits=base.limits,
                trace=trace((0.1, objective, bound, "branch")),
                seconds=0.1 + 0.1 * (k % 5),
            )
        )
    results[5] = Result(status="infeasible", seconds=0.1)
    results[17] = Result(status="no design found", bound=0.2, seconds=60.0, trace=trace((1.0, None, 0.2, "milp")))
    return Sweep(results)


def two_angles() -> Result:
    """Two values in one tree: half the plane is pruned, a quarter open, a quarter of it cut away from the rest."""
    return Result(
        status="feasible",
        objective=3.2,
        bound=1.0,
        gap=relative_gap(3.2, 1.0),
        design={"angles": [70.0, 30.0]},
        labels={"angles": ("shoulder", "elbow")},
        limits={"angles": [[0.0, 0.0], [100.0, 100.0]]},
        trace=trace((0.1, 4.0, 0.5, "branch"), (0.2, 3.2, 1.0, "branch")),
        boxes=boxes(),
        provenance={"text": "input angles[2] in 0..100\nminimise reach(angles)\n"},
        seconds=0.3,
    )


def boxes() -> Boxes:
    """A root split in halves; the right one was contracted and split once more."""
    left, right, contracted = (0, 0, 50, 100), (50, 0, 100, 100), (50, 0, 100, 50)
    parts = (50, 0, 75, 50), (75, 0, 100, 50)
    whole = (0, 0, 100, 100)
    return Boxes(
        names=("shoulder", "elbow"),
        entries=(("angles", 0), ("angles", 1)),
        entered=np.array([whole, left, right, *parts], dtype=np.float64),
        kept=np.array([whole, left, contracted, *parts], dtype=np.float64),
        fate=np.array([1, 2, 1, 0, 3], dtype=np.uint8),
        depth=np.array([0, 1, 1, 7, 2], dtype=np.uint32),
        bound=np.array([0.0, 3.2, 0.5, 1.0, 2.0]),
        weight=np.ones(5),
        waiting=np.array([0, 0, 0, 4, 0], dtype=np.uint32),
    )


def robust_designs() -> Result:
    """Three designs that are nearly as good as one another, and the worst case of each."""

    def candidate(objective: float, worst: float, drift: float, *x: float) -> Candidate:
        off = {"x": [value - 0.01 for value in x]}
        bound = worst + 1e-5
        cases = (
            WorstCase(
                statement="robust within 0.01",
                status="optimal",
                nominal=objective,
                worst=worst,
                bound=bound,
                gap=relative_gap(worst - objective, bound - objective),
                design=off,
                seconds=0.1,
            ),
            WorstCase(
                statement="robust drift of y within 0.01",
                status="feasible",
                nominal=0.0,
                worst=drift,
                bound=None,
                gap=None,
                design=off,
                drift=True,
            ),
        )
        return Candidate(design={"x": x}, objective=objective, source="adjoint", worst_cases=cases)

    return Result(
        status="optimal",
        objective=0.5,
        bound=0.49999,
        gap=relative_gap(0.5, 0.49999),
        design={"x": [0.2, 0.3]},
        limits={"x": [[0.0] * 2, [1.0] * 2]},
        trace=trace((0.1, 0.5, 0.49999, "branch")),
        provenance={"gap": 1e-4, "text": "", "designs": {"wanted": 4, "share": 0.02, "all": True}},
        designs=(
            candidate(0.5, 0.6, 0.1, 0.2, 0.3),
            candidate(0.502, 0.53, 0.05, 0.5, 0.1),
            candidate(0.505, 0.7, 0.2, 0.9, 0.9),
        ),
        seconds=0.4,
    )


EVERY = (robust_designs, four_inks, two_angles, six_spectra, worst_case, infeasible, no_bound, integers, sweep)
