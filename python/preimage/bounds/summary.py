"""What tightening has found, as a table of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from preimage.bounds.record import LayerBounds, Step, Tightening
from preimage.results.numbers import duration, number

STEPS = ("interval", "crown", "slopes", "lp", "milp")


def summary(found: Tightening) -> Iterator[str]:
    """Yield the lines of a table: what each step left undecided and how wide, and how long it took."""
    if not found.layers:
        yield "there is no network: nothing to bound"
        return
    width = max(len("mean width"), *(len(layer.name) for layer in found.layers))
    yield f"{'':<{width}}  {'units':>6}" + "".join(f"{name:>10}" for name in STEPS)
    yield "undecided"
    for layer in found.layers:
        if layer.kinked:
            yield _row(layer, width, lambda step: str(step.undecided))
    yield "mean width"
    for layer in found.layers:
        yield _row(layer, width, lambda step: number(step.width, 4))
    yield "seconds"
    for layer in found.layers:
        yield _row(layer, width, lambda step: f"{step.seconds:.1f}" if step.seconds >= 0.05 else "")
    kept = "kept from before" if found.from_cache else f"{duration(found.seconds)} in all"
    yield f"{found.undecided} of {found.units} neurons are undecided; {kept}"
    if any(layer.by_solver.any() for layer in found.layers):
        yield "what milp says is the solver's word, its tolerances allowed for; the other bounds are proved"
    if not found.complete:
        yield "interrupted: the bounds hold, and the next call goes on from here"


def _row(layer: LayerBounds, width: int, cell: Callable[[Step], str]) -> str:
    steps = {step.name: step for step in layer.steps}
    cells = "".join(f"{cell(steps[name]) if name in steps else '':>10}" for name in STEPS)
    return f"{layer.name:<{width}}  {layer.lower.size:>6}{cells}".rstrip()
