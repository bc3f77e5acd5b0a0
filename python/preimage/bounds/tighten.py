"""`tighten`: bounds of a problem's neurons, made once and kept for every target."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

from preimage._core import Bounds
from preimage.bounds.cache import keep, recall
from preimage.bounds.layerwise import Progress, tighten_layers
from preimage.bounds.record import Tightening
from preimage.bounds.subject import Subject, subject_of
from preimage.language import check
from preimage.language.problem import Problem
from preimage.problem import Inversion, compile_problem


def tighten(
    problem: str | Path | Problem,
    /,
    *,
    time_per_unit: float | None = None,
    threads: int | None = None,
    cache: str | Path | None = None,
    progress: Callable[[Progress], object] | None = None,
    **bindings: object,
) -> Tightening:
    """Bound every neuron of a problem's networks over its designs, and keep the bounds: `invert` makes use of them.

    The target and the objective do not matter: bounds of one problem serve all problems with the same networks, inputs
    and statements about inputs.

    Parameters
    ----------
    problem
        As for `invert`.
    time_per_unit
        Seconds of MILP for each neuron that linear programs leave undecided; by default, none.
    threads
        By default, all cores.
    cache
        The folder in which bounds are kept; by default the one that the environment variable ``PREIMAGE_CACHE`` names,
        or else ``preimage`` among the user's caches. `invert` looks only there.
    progress
        Called with what is going on, from the calling thread.
    **bindings
        As for `invert`.

    Returns
    -------
    Tightening
        The bounds, and what each step bought.

    Raises
    ------
    ProblemErrors
        If the problem has errors.
    KeyboardInterrupt
        On Ctrl-C; what was done is kept, and the next call goes on from there.
    """
    if time_per_unit is not None and not time_per_unit > 0.0:
        raise ValueError(f"time_per_unit must be positive, not {time_per_unit!r}")
    checked = problem if isinstance(problem, Problem) else check(problem, bindings)
    found = tighten_inversion(
        compile_problem(checked),
        time_per_unit=time_per_unit or 0.0,
        threads=threads or os.cpu_count() or 1,
        folder=None if cache is None else Path(cache),
        tell=progress or (lambda seen: None),
    )
    if not found.complete:
        raise KeyboardInterrupt
    return found


def tighten_inversion(
    inversion: Inversion,
    *,
    time_per_unit: float,
    threads: int,
    folder: Path | None,
    tell: Callable[[Progress], object],
) -> Tightening:
    """Do the work of `tighten`; interrupted, return what is done."""
    subject = subject_of(inversion)
    before = _fitting(recall(subject.digest, folder), subject)
    if before is not None and before.complete and before.time_per_unit >= time_per_unit:
        return dataclasses.replace(before, from_cache=True)
    found = tighten_layers(subject, time_per_unit=time_per_unit, threads=threads, before=before, tell=tell)
    if subject.layers:
        with contextlib.suppress(OSError):  # what cannot be kept on disk is kept in memory
            keep(found, folder)
    return found


def recalled(inversion: Inversion) -> Tightening | None:
    """Return bounds that were tightened before for the networks and the designs of an inversion."""
    if not inversion.layers:
        return None
    subject = subject_of(inversion)
    return _fitting(recall(subject.digest), subject)


def bounds_with(inversion: Inversion, found: Tightening) -> Bounds:
    """Return bounds of every node of an inversion, inside those that were tightened and those of lines carried back."""
    subject = subject_of(inversion)
    known = {
        layer.node: (bounds.lower, bounds.upper) for layer, bounds in zip(subject.layers, found.layers, strict=True)
    }
    return inversion.model.bounds(known=known, over_limits=subject.reached)


def _fitting(found: Tightening | None, subject: Subject) -> Tightening | None:
    """Return ``found`` if it is of these layers, whatever their names."""
    if found is None or [len(layer.lower) for layer in found.layers] != [layer.size for layer in subject.layers]:
        return None
    return found
