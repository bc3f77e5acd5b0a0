"""The answer as the domain sees it: the design within its bounds, and what it gives against what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preimage.language.problem import Array, Input, Problem
from preimage.notebook.structure import Structure, structure_of
from preimage.problem.comparisons import Compared, compared
from preimage.problem.evaluate import Evaluator
from preimage.results import Result, Sweep
from preimage.structures.result import StructureResult

COLOUR_NAMES = {"color", "colors", "colour", "colours", "lab", "rgb", "srgb"}

Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class InputBars:
    """One input of the design: a row of bars for each target where declared ``per target``, else a single row.

    Attributes
    ----------
    labels
        One an entry; empty where the problem names none.
    values, lower, upper
        Rows of entries.
    """

    name: str
    labels: tuple[str, ...]
    values: Rows
    lower: Rows
    upper: Rows


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is wanted and what the design gives, one row a target."""

    name: str
    wanted: Rows
    given: Rows

    @property
    def colours(self) -> str:
        """``lab`` or ``rgb`` where name and numbers say that the rows are colours, else an empty text."""
        values = np.array(self.wanted)
        if self.name.lower() not in COLOUR_NAMES or values.shape[1] != 3:
            return ""
        if values.min() >= 0 and values.max() <= 1:
            return "rgb"
        return "lab" if values[:, 0].min() >= 0 and np.abs(values).max() <= 128 else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A design, and what it gives; that of a structure is a picture, and has no bars."""

    inputs: tuple[InputBars, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    structure: Structure | None = None


class Answers:
    """Turns designs that a search comes up with into answers; in a sweep, those of earlier targets are kept in view.

    Parameters
    ----------
    problem
        The checked problem.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        objective = problem.objective
        self._compared = [] if objective is None else compared(objective.expression)
        self._rows: dict[int, Answer] = {}

    def answer(self, design: Mapping[str, NDArray[np.float64]], sweep_row: int) -> Answer | None:
        """Return the answer for a design by input name, or None if there is none yet."""
        if design:
            evaluators = [self._evaluator(design, sweep_row, joint) for joint in range(self._problem.joint_rows)]
            inputs = tuple(self._bars(declared, design[declared.name], evaluators) for declared in self._problem.inputs)
            comparisons = tuple(_comparison(difference, evaluators) for difference in self._compared)
            self._rows[sweep_row] = Answer(inputs, comparisons)
        return merged(list(self._rows.values()))

    def _evaluator(self, design: Mapping[str, NDArray[np.float64]], sweep_row: int, joint: int) -> Evaluator:
        rows = {target.name: joint if target.joint else sweep_row for target in self._problem.targets}
        seen = {i.name: design[i.name][joint] if i.per_target else design[i.name] for i in self._problem.inputs}
        return Evaluator(self._problem, rows, seen)

    def _bars(self, declared: Input, values: NDArray[np.float64], evaluators: list[Evaluator]) -> InputBars:
        copies = evaluators if declared.per_target else evaluators[:1]
        lower = _rows([evaluator.value(declared.lower) for evaluator in copies], declared.shape)
        upper = _rows([evaluator.value(declared.upper) for evaluator in copies], declared.shape)
        shown = list(values) if declared.per_target else [values]
        return InputBars(declared.name, declared.labels, _rows(shown, declared.shape), lower, upper)


def answer_of(result: Result) -> Answer | None:
    """Return the answer of a result, or None without a design."""
    if not result.design:
        return None
    if isinstance(result, StructureResult):
        return Answer(structure=structure_of(result))
    inputs = []
    for name, values in result.design.items():
        rows = np.atleast_2d(values) if values.ndim < 2 else values.reshape(len(values), -1)
        limits = result.limits.get(name, np.stack([values, values])).reshape(2, *rows.shape)
        inputs.append(InputBars(name, result.labels.get(name, ()), _rows(rows), _rows(limits[0]), _rows(limits[1])))
    comparisons = []
    for name, wanted in result.targets.items():
        fitting = [given for given in result.predictions.values() if given.shape == wanted.shape and wanted.size > 1]
        if fitting:
            given = min(fitting, key=lambda prediction: float(np.abs(prediction - wanted).sum()))
            shape = (1, -1) if wanted.ndim < 2 else (len(wanted), -1)
            comparisons.append(Comparison(name, _rows(wanted.reshape(shape)), _rows(given.reshape(shape))))
    return Answer(tuple(inputs), tuple(comparisons))


def answer_of_sweep(sweep: Sweep) -> Answer | None:
    """Return what all targets of a sweep got."""
    return merged([answer for answer in map(answer_of, sweep) if answer is not None])


def merged(answers: Sequence[Answer]) -> Answer | None:
    """Return the answers of several targets as one, row after row."""
    if len(answers) < 2:
        return answers[0] if answers else None

    def rows(parts: Iterable[Rows]) -> Rows:
        return tuple(row for part in parts for row in part)

    inputs = [
        InputBars(
            kind[0].name,
            kind[0].labels,
            rows(it.values for it in kind),
            rows(it.lower for it in kind),
            rows(it.upper for it in kind),
        )
        for kind in zip(*(answer.inputs for answer in answers), strict=True)
    ]
    comparisons = [
        Comparison(kind[0].name, rows(it.wanted for it in kind), rows(it.given for it in kind))
        for kind in zip(*(answer.comparisons for answer in answers), strict=True)
    ]
    return Answer(tuple(inputs), tuple(comparisons))


def _comparison(difference: Compared, evaluators: list[Evaluator]) -> Comparison:
    wanted, given = zip(*(difference.values(evaluator) for evaluator in evaluators), strict=True)
    return Comparison(difference.target, _rows(wanted), _rows(given))


def _rows(arrays: Iterable[Array], shape: tuple[int, ...] | None = None) -> Rows:
    """Return each array flattened, as plain floats."""
    broadcast = [array if shape is None else np.broadcast_to(array, shape) for array in arrays]
    return tuple(tuple(float(value) for value in np.ravel(array)) for array in broadcast)
