"""The worst case of a design that is a little off: searched for, and bounded, by the engines that find designs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from preimage.engines import Snapshot, run
from preimage.engines.search import relative_gap
from preimage.language.problem import Array, Robustness
from preimage.problem import Inversion
from preimage.problem.deviation import measure
from preimage.problem.perturbation import perturb
from preimage.results.candidates import Candidate, WorstCase


def worst_case(
    inversion: Inversion,
    robustness: Robustness,
    design: Mapping[str, Array],
    *,
    gap: float,
    time_limit: float | None,
    threads: int,
    seed: int,
    progress: Callable[[Snapshot], None] | None = None,
) -> WorstCase:
    """Search for the worst that a design may become, and prove that it gets no worse.

    Parameters
    ----------
    inversion
        The problem that the design solves.
    robustness
        One of the problem's.
    design
        By input name.
    gap
        The relative gap at which the search ends: what is not proved of the loss, as a share of it.
    progress
        See `preimage.engines.run`.
    """
    start = time.perf_counter()
    statement = inversion.problem.statement(robustness.span)
    perturbation = perturb(inversion, robustness, design)
    if perturbation.inversion.size == 0:  # whatever might be off is left out of this design
        value = perturbation.nominal
        return WorstCase(
            statement=statement,
            status="optimal",
            nominal=value,
            worst=value,
            bound=value,
            gap=0.0,
            design=design,
            drift=robustness.drift is not None,
            sense=perturbation.inversion.sense,
            seconds=time.perf_counter() - start,
        )
    done = run(
        perturbation.inversion,
        gap=gap,
        time_limit=time_limit,
        threads=threads,
        seed=seed,
        start=np.zeros(perturbation.inversion.size),
        progress=progress,
    )
    seen = done.search.snapshot()
    _, deviation, _ = done.search.best()
    assert deviation is not None, "the design itself is one"
    off, nominal = perturbation.design(deviation), perturbation.nominal
    worst = measure(inversion, robustness, design, off)
    bound = None
    if seen.bound is not None:  # of the loss; in the last digits, the sum may lie on the wrong side
        farther = max if perturbation.inversion.sense == "maximise" else min
        bound = farther(nominal + seen.bound, worst)
    return WorstCase(
        statement=statement,
        status="optimal" if seen.status == "optimal" else "interrupted" if done.interrupted else "feasible",
        nominal=nominal,
        worst=worst,
        bound=bound,
        gap=None if bound is None else relative_gap(worst - nominal, bound - nominal),
        design=off,
        drift=robustness.drift is not None,
        sense=perturbation.inversion.sense,
        seconds=time.perf_counter() - start,
    )


def certified(
    inversion: Inversion,
    designs: Sequence[Candidate],
    *,
    gap: float,
    time_limit: float | None,
    threads: int,
    seed: int,
    tell: Callable[[str], None] = lambda stage: None,
    known: WorstCase | None = None,
    nothing_more: bool = False,
) -> tuple[tuple[Candidate, ...], bool]:
    """Return the designs with the worst case of each, and whether the user interrupted.

    Parameters
    ----------
    time_limit
        Seconds for all of them; each gets an even share of what is left.
    tell
        Called about eight times a second with what is done, in words.
    known
        The worst case of the one design that was wanted for it.
    nothing_more
        Whether the user has interrupted already: only what is known is told.
    """
    begun = time.perf_counter()
    statements = inversion.problem.robustness
    left = count = len(designs) * len(statements)
    found: list[Candidate] = []
    interrupted = nothing_more
    for candidate in designs:
        cases: list[WorstCase] = []
        for robustness in statements:
            if robustness.design and known is not None:
                cases.append(known)
                left -= 1
                continue
            if interrupted:
                break
            spent = time.perf_counter() - begun
            share = None if time_limit is None else max(time_limit - spent, 0.0) / left
            case = worst_case(
                inversion,
                robustness,
                candidate.design,
                gap=gap,
                time_limit=share,
                threads=threads,
                seed=seed,
                progress=lambda _, k=count - left + 1: tell(f"worst case {k} of {count}"),  # type: ignore[misc]
            )
            cases.append(case)
            interrupted, left = case.status == "interrupted", left - 1
        found.append(
            Candidate(
                design=candidate.design,
                objective=candidate.objective,
                source=candidate.source,
                worst_cases=tuple(cases),
            )
        )
    return tuple(found), interrupted
