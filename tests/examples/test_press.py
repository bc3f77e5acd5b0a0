"""The shipped problem, solved: its designs and bounds against a brute search that shares no code with the package."""

from pathlib import Path

import numpy as np
import pytest

import preimage

GAP = 1e-4
IN_GAMUT, OUT_OF_GAMUT = 13, 12  # green, blue


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "examples" / "press"


@pytest.fixture(scope="module")
def colours(folder: Path) -> np.ndarray:
    return np.loadtxt(folder / "colorchecker.csv", delimiter=",", skiprows=1)


class Press:
    """The objective of the problem, by hand."""

    def __init__(self, folder: Path) -> None:
        self.layers = np.load(folder / "press.npz")

    def __call__(self, inks: np.ndarray, colour: np.ndarray) -> np.ndarray:
        w = self.layers
        hidden = np.maximum(inks @ w["W1"].T + w["b1"], 0)
        lab = np.maximum(hidden @ w["W2"].T + w["b2"], 0) @ w["W3"].T + w["b3"]
        return np.abs(lab - colour).sum(axis=-1) + 0.1 * inks.sum(axis=-1)

    def search(self, colour: np.ndarray) -> float:
        """The best value that random draws and a shrinking random walk find."""
        random = np.random.default_rng(0)
        inks = random.random((30_000, 4)) * (random.random((30_000, 4)) < 0.75)
        inks = inks[inks.sum(axis=1) <= 3]
        values = self(inks, colour)
        best, value, step = inks[values.argmin()], values.min(), 0.05
        while step > 1e-7:
            near = np.clip(best + step * random.normal(size=(200, 4)) * (random.random((200, 4)) < 0.6), 0, 1)
            near = near[near.sum(axis=1) <= 3]
            values = self(near, colour) if len(near) else np.array([np.inf])
            if values.min() < value:
                best, value = near[values.argmin()], values.min()
            else:
                step *= 0.8
        return float(value)


def judge(result: preimage.Result, press: Press, colour: np.ndarray) -> None:
    inks = np.asarray(result["inks"])
    assert result.status == "optimal"
    assert np.all((inks >= 0) & (inks <= 1))
    assert inks.sum() <= 3 + 1e-9
    assert result.objective == pytest.approx(float(press(inks, colour)), rel=1e-9)
    assert result.bound <= result.objective
    assert result.gap <= GAP or result.objective - result.bound <= 1e-6
    found = press.search(colour)
    assert result.bound <= found, "a design beats the proved bound"
    assert result.objective <= found * (1 + 2 * GAP), "a brute search found a better design"


@pytest.mark.parametrize("row", [IN_GAMUT, OUT_OF_GAMUT])
def test_one_colour(folder: Path, colours: np.ndarray, row: int) -> None:
    text = (folder / "colorchecker.inv").read_text(encoding="utf-8")
    text = text.replace('from "colorchecker.csv"', "").replace('"press.npz"', f'"{folder / "press.npz"}"')
    text = text.replace('"inks.csv"', f'"{folder / "inks.csv"}"')
    judge(preimage.invert(text, colour=colours[row : row + 1]), Press(folder), colours[row])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_all_colours(folder: Path, colours: np.ndarray) -> None:
    sweep = preimage.invert(folder / "colorchecker.inv")
    assert len(sweep) == len(colours) == 24
    for result, colour in zip(sweep, colours, strict=True):
        judge(result, Press(folder), colour)
    in_gamut = [result.objective < 0.3 for result in sweep]
    assert sum(in_gamut) == 20
