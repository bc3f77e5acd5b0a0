"""What `structures.py` has measured beside what is known of the published tasks: contradictions, and Markdown."""

from __future__ import annotations

import csv
import os
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from cases.case import REPOSITORY
from peers import processor
from structures_runs import BOUND, CONVENTIONS, Measured, elements

from preimage.engines.search import relative_gap
from preimage.structures.task import VolumeOf

LARGE = 32_768
"""The paper calls tasks of so many elements large."""

LAST_DIGIT = 5e-4
"""Published numbers are rounded to three decimals."""

CLOSE = 0.02
"""A method of which the paper's program was another run is this close, or better."""

NAMES = {"cnn-lbfgs": "cnn", "pixels-lbfgs": "lbfgs", "pixels-mma": "mma", "pixels-oc": "oc"}
"""Our names of the published methods."""

PEERS: Mapping[VolumeOf, str] = {"filtered": "mma", "design": "cnn"}
"""What our own method is compared with: the better published one of each convention, on average."""

TITLES: Mapping[VolumeOf, str] = {
    "filtered": "Volume after the filter (as published for MMA and OC)",
    "design": "Volume before the filter (as published for the CNN and for L-BFGS)",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What others found: nothing where the data is missing.

    Attributes
    ----------
    typical, best
        Published compliance by task and method: of one run (the median run of the CNN), and of the best of 102.
    bounds
        Bounds computed before, by task and convention.
    """

    typical: Mapping[tuple[str, str], float]
    best: Mapping[tuple[str, str], float]
    bounds: Mapping[tuple[str, VolumeOf], float]

    @classmethod
    def read(cls) -> Known:
        """Read the tables, where they are."""
        folder = Path(os.environ.get("PREIMAGE_DATA", REPOSITORY.parent / "shared" / "data")) / "structures"
        statistic: dict[str, dict[tuple[str, str], float]] = {"typical_median": {}, "best_of_ensemble": {}}
        for row in _rows(folder / "published_results.csv"):
            statistic[row["statistic"]][row["task"], NAMES[row["method"]]] = float(row["compliance"])
        bounds: dict[tuple[str, VolumeOf], float] = {}
        for size in ("small", "large"):
            for row in _rows(folder / f"lower_bounds_{size}.csv"):
                bounds[row["task"], "filtered"] = float(row["lb_volphys"])
                bounds[row["task"], "design"] = float(row["lb_volraw"])
        return cls(statistic["typical_median"], statistic["best_of_ensemble"], bounds)

    def best_of_all(self, task: str, volume_of: VolumeOf) -> float | None:
        """Give the least compliance ever published for a task under a convention."""
        keys = [(task, method) for method, limited in CONVENTIONS.items() if volume_of in limited]
        return min((table[key] for table in (self.typical, self.best) for key in keys if key in table), default=None)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def violations(measured: Sequence[Measured], known: Known) -> Iterator[str]:
    """Tell of every bound that is above a design of its task and convention, whoever found it."""
    for bound in measured:
        task, volume_of = bound.run.task, bound.run.volume_of
        if bound.run.method != BOUND or bound.value is None:
            continue
        published = known.best_of_all(task, volume_of)
        designs = {} if published is None else {"published": published + LAST_DIGIT}
        for one in measured:
            if (one.run.task, one.run.volume_of) == (task, volume_of) and one.run.method != BOUND:
                designs |= {} if one.value is None else {one.run.method: one.value}
        for method, compliance in designs.items():
            if compliance < bound.value:
                yield f"{task} ({volume_of}): bound {bound.value!r} is above {compliance!r}, {method}"


def markdown(measured: Sequence[Measured], known: Known, wanted: int) -> str:
    """Give all that was measured: what with, the tables, a summary.

    Parameters
    ----------
    measured
        One for each task, method and convention at most.
    known
        What they are compared with.
    wanted
        How many measurements there should be.
    """
    report = _Report(measured, known)
    versions = Counter(one.code for one in measured)
    lines = [
        f"Preimage {version('preimage')}, numpy {version('numpy')}; {processor()}, {os.cpu_count()} cores, one thread.",
        f"{len(measured)} of {wanted} runs; versions of the files (runs): "
        + ", ".join(f"{code} ({count})" for code, count in versions.most_common())
        + ".",
        "",
        "Beside each compliance, in percent: by how much it is above the typical published run of the method (for "
        "ours, of the one that it is compared with below) and above the best ever published of the same convention; "
        "and the gap to the bound.",
    ]
    for volume_of, title in TITLES.items():
        lines += ["", f"### {title}", "", *report.tasks(volume_of)]
    lines += ["", "### Means", "", f"Large: {LARGE:,} elements or more, as in the paper.", "", *report.means()]
    return "\n".join([*lines, "", *report.bounds()])


class _Report:
    """Measurements as tables; parameters are those of `markdown`."""

    def __init__(self, measured: Sequence[Measured], known: Known) -> None:
        self._known = known
        self._found = {(one.run.task, one.run.method, one.run.volume_of): one for one in measured}
        self._tasks = list(dict.fromkeys(one.run.task for one in measured))

    def tasks(self, volume_of: VolumeOf) -> Iterator[str]:
        """Give the table of all tasks under a convention."""
        there = {method for _, method, limited in self._found if limited == volume_of}
        methods = [method for method in CONVENTIONS if method in there]
        yield f"| task | bound | best published | {' | '.join(methods)} |"
        yield f"|---|--:|--:{'|--:' * len(methods)}|"
        for task in self._tasks:
            bound, best = self._value(task, BOUND, volume_of), self._known.best_of_all(task, volume_of)
            cells = [self._cell(task, method, volume_of) for method in methods]
            yield f"| {' | '.join([task, number(bound), number(best), *cells])} |"

    def _cell(self, task: str, method: str, volume_of: VolumeOf) -> str:
        value = self._value(task, method, volume_of)
        if value is None:
            return "–"
        typical = self._known.typical.get((task, _peer(method, volume_of)))
        best = self._known.best_of_all(task, volume_of)
        gap = relative_gap(value, self._value(task, BOUND, volume_of))
        beside = [above(value, typical), above(value, best), "–" if gap is None else f"{100 * gap:.1f}"]
        return f"{number(value)} ({', '.join(beside)})"

    def means(self) -> Iterator[str]:
        """Give what each method reached on average, over the small tasks and over the large ones."""
        yield (
            "| tasks | method | volume of | beside | above its typical run: mean, median | at most 2 % above | better "
            "| above its best of 102: mean, median | better | above the best published: mean, median | better "
            "| gap: median | processor s: sum |"
        )
        yield f"|---|---|---|---{'|--:' * 9}|"
        for size in ("small", "large"):
            tasks = [task for task in self._tasks if (elements(task) >= LARGE) == (size == "large")]
            for method, limited in CONVENTIONS.items():
                for volume_of in limited:
                    there = [task for task in tasks if self._value(task, method, volume_of) is not None]
                    if there:
                        cells = self._mean(there, method, volume_of)
                        yield f"| {' | '.join([f'{len(there)} {size}', method, volume_of, *cells])} |"

    def _mean(self, tasks: Sequence[str], method: str, volume_of: VolumeOf) -> Iterator[str]:
        peer = _peer(method, volume_of)
        yield peer
        typical = self._errors(
            tasks, method, volume_of, {task: self._known.typical.get((task, peer)) for task in tasks}
        )
        yield mean_and_median(typical)
        yield share([error <= CLOSE for error in typical])
        yield share([error < 0.0 for error in typical])
        ensemble = {task: self._known.best.get((task, peer)) for task in tasks}
        for others in (ensemble, {task: self._known.best_of_all(task, volume_of) for task in tasks}):
            errors = self._errors(tasks, method, volume_of, others)
            yield mean_and_median(errors)
            yield share([error < 0.0 for error in errors])
        gaps = [
            relative_gap(self._value(task, method, volume_of), self._value(task, BOUND, volume_of)) for task in tasks
        ]
        known = [gap for gap in gaps if gap is not None]
        yield f"{100 * statistics.median(known):.1f} %" if known else "–"
        yield f"{sum(self._found[task, method, volume_of].processor_seconds for task in tasks):,.0f}"

    def _errors(
        self, tasks: Sequence[str], method: str, volume_of: VolumeOf, others: Mapping[str, float | None]
    ) -> list[float]:
        """Give by which share the compliances of a method are above others, where these are known."""
        pairs = [(self._value(task, method, volume_of), others[task]) for task in tasks]
        return [ours / theirs - 1.0 for ours, theirs in pairs if ours is not None and theirs is not None]

    def bounds(self) -> Iterator[str]:
        """Tell how the bounds compare with those computed before."""
        for volume_of in TITLES:
            others = {task: self._known.bounds.get((task, volume_of)) for task in self._tasks}
            errors = self._errors(self._tasks, BOUND, volume_of, others)
            if errors:
                spread = ", ".join(f"{signed(of(errors))} %" for of in (min, statistics.mean, max))
                yield f"- Bounds ({volume_of}) above those before, {len(errors)} tasks (least, mean, most): {spread}"

    def _value(self, task: str, method: str, volume_of: VolumeOf) -> float | None:
        found = self._found.get((task, method, volume_of))
        return None if found is None else found.value


def _peer(method: str, volume_of: VolumeOf) -> str:
    """Give the published method that a method is compared with."""
    return method if method in NAMES.values() else PEERS[volume_of]


def number(value: float | None) -> str:
    """Give five digits."""
    return "–" if value is None else f"{value:.5g}"


def signed(share: float) -> str:
    """Give percent with a sign."""
    return f"{100 * share:+.1f}"


def above(value: float, other: float | None) -> str:
    """Give by how many percent a number is above another."""
    return "–" if other is None else signed(value / other - 1.0)


def mean_and_median(errors: Sequence[float]) -> str:
    """Give both in percent."""
    return f"{signed(statistics.mean(errors))}, {signed(statistics.median(errors))}" if errors else "–"


def share(which: Sequence[bool]) -> str:
    """Give how many are true."""
    return f"{sum(which)} of {len(which)}" if which else "–"
