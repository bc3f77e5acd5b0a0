"""A network as a mixed-integer program once more, from the textbook: intervals, a column for every entry, HiGHS."""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray

from preimage.networks import layers
from preimage.networks.architecture import INPUT, Architecture
from preimage.networks.reference import apply

Array = NDArray[np.float64]
Columns = NDArray[np.int64]


class Textbook:
    """A program in HiGHS that grows entry by entry."""

    def __init__(self) -> None:
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        options = {"output_flag": False, "presolve": "off", "threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": 1e-9}
        for name, value in options.items():
            self._highs.setOptionValue(name, value)
        for name in ("primal", "dual", "mip"):
            self._highs.setOptionValue(f"{name}_feasibility_tolerance", 1e-9)
        self._lower: list[float] = []
        self._upper: list[float] = []

    def column(self, lower: float, upper: float, *, whole: bool = False) -> int:
        """Add a column."""
        self._highs.addVar(lower, upper)
        self._lower.append(lower)
        self._upper.append(upper)
        if whole:
            self._highs.changeColIntegrality(len(self._lower) - 1, highspy.HighsVarType.kInteger)
        return len(self._lower) - 1

    def row(self, lower: float, upper: float, terms: list[tuple[int, float]]) -> None:
        """Add a row; no column twice."""
        columns, factors = np.array([c for c, _ in terms], dtype=np.int32), np.array([f for _, f in terms])
        self._highs.addRow(lower, upper, len(terms), columns, factors)

    def affine(self, matrix: Array, offset: Array, source: Columns) -> Columns:
        """Add ``matrix @ source + offset``."""
        low, high = np.array(self._lower)[source], np.array(self._upper)[source]
        plus, minus = np.maximum(matrix, 0), np.minimum(matrix, 0)
        lower, upper = plus @ low + minus @ high + offset, plus @ high + minus @ low + offset
        columns = [self.column(*bounds) for bounds in zip(lower.tolist(), upper.tolist(), strict=True)]
        for column, row, constant in zip(columns, matrix.tolist(), offset.tolist(), strict=True):
            terms = [(int(s), -f) for s, f in zip(source, row, strict=True) if f != 0.0]
            self.row(constant, constant, [(column, 1.0), *terms])
        return np.array(columns)

    def kink(self, z: int, slope: float) -> int:
        """Add ``z`` where it is positive, ``slope * z`` where it is not: two cases, and a binary that says which."""
        low, high = self._lower[z], self._upper[z]
        ends = [low if low > 0 else slope * low, high if high > 0 else slope * high, 0.0]
        y, positive, big = (
            self.column(min(ends), max(ends)),
            self.column(0, 1, whole=True),
            2 * max(abs(low), abs(high)) + 1,
        )
        big *= 1 + abs(slope)
        self.row(-np.inf, 0.0, [(z, 1.0), (positive, -big)])
        self.row(-big, np.inf, [(z, 1.0), (positive, -big)])
        for sign in (1.0, -1.0):
            self.row(-np.inf, big, [(y, sign), (z, -sign), (positive, big)])
            self.row(
                -np.inf,
                0.0,
                [(y, sign), (z, -sign * slope), (positive, -big)] if slope else [(y, sign), (positive, -big)],
            )
        return y

    def largest(self, group: list[int]) -> int:
        """Add the largest of some columns."""
        low, high = min(self._lower[z] for z in group), max(self._upper[z] for z in group)
        y, taken = self.column(low, high), [self.column(0, 1, whole=True) for _ in group]
        self.row(1.0, 1.0, [(t, 1.0) for t in taken])
        for z, t in zip(group, taken, strict=True):
            self.row(0.0, np.inf, [(y, 1.0), (z, -1.0)])
            self.row(-np.inf, high - low, [(y, 1.0), (z, -1.0), (t, high - low)])
        return y

    def network(self, architecture: Architecture, source: Columns) -> Columns:
        """Add a network."""
        values = {INPUT: source.reshape(architecture.input_shape)}
        for step in architecture.needed():
            values[step.result] = self._layer(step.layer, [values[source] for source in step.sources])
        return values[architecture.output].ravel()

    def _layer(self, layer: layers.Layer, sources: list[Columns]) -> Columns:
        z = sources[0]
        match layer:
            case layers.Relu() | layers.LeakyRelu() | layers.PRelu() | layers.Absolute():
                # What a layer makes of -1 is its slope.
                slopes = -apply(layer, np.full(z.shape, -1.0))
                return np.array([self.kink(c, s) for c, s in zip(z.ravel(), slopes.ravel(), strict=True)]).reshape(
                    z.shape
                )
            case layers.Clip():
                return np.array([self._clip(int(c), layer.lower, layer.upper) for c in z.ravel()]).reshape(z.shape)
            case layers.Maximum():
                pairs = zip(*(source.ravel().tolist() for source in sources), strict=True)
                return np.array([self.largest(list(pair)) for pair in pairs]).reshape(z.shape)
            case layers.Pool(how="max"):
                windows = np.lib.stride_tricks.sliding_window_view(z, layer.kernel, tuple(range(2, z.ndim)))
                steps = (slice(None), slice(None), *(slice(None, None, step) for step in layer.stride))
                windows = windows[steps]
                shape = windows.shape[: z.ndim]
                return np.array([self.largest(w) for w in windows.reshape(np.prod(shape), -1).tolist()]).reshape(shape)
        return self._affine_layer(layer, sources)

    def _affine_layer(self, layer: layers.Layer, sources: list[Columns]) -> Columns:
        """Add a layer that is affine: it is what it makes of zero and of unit vectors."""
        sizes = [source.size for source in sources]

        def at(x: Array) -> Array:
            parts = np.split(x, np.cumsum(sizes)[:-1])
            return apply(layer, *(part.reshape(s.shape) for part, s in zip(parts, sources, strict=True)))

        zero = at(np.zeros(sum(sizes)))
        matrix = np.stack([(at(unit) - zero).ravel() for unit in np.eye(sum(sizes))], axis=1)
        together = np.concatenate([source.ravel() for source in sources])
        # Rows hold no column twice.
        columns, places = np.unique(together, return_inverse=True)
        summed = np.zeros((len(matrix), len(columns)))
        np.add.at(summed.T, places, matrix.T)
        return self.affine(summed, zero.ravel(), columns).reshape(zero.shape)

    def _clip(self, z: int, lower: float, upper: float) -> int:
        """Add ``lower + relu(z - lower) - relu(z - upper)``."""
        if np.isfinite(lower):
            above = self.affine(np.array([[1.0]]), np.array([-lower]), np.array([z]))
            z = int(self.affine(np.array([[1.0]]), np.array([lower]), np.array([self.kink(int(above[0]), 0.0)]))[0])
        if np.isfinite(upper):
            below = self.affine(np.array([[-1.0]]), np.array([upper]), np.array([z]))
            z = int(self.affine(np.array([[-1.0]]), np.array([upper]), np.array([self.kink(int(below[0]), 0.0)]))[0])
        return z

    def optimum(self, objective: int, *, maximise: bool) -> float:
        """Return the least or the largest value of a column."""
        self._highs.changeColCost(objective, -1.0 if maximise else 1.0)
        self._highs.run()
        assert self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        value = self._highs.getInfo().objective_function_value
        return -value if maximise else value
