"""Write the small files that the problems in `meaning/` read: run it after changing it."""

import itertools
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "meaning"


def network(*sizes: int, seed: int) -> dict[str, np.ndarray]:
    """Return random weights in eighths, so that they print shortly and never differ between machines."""
    generator = np.random.default_rng(seed)
    arrays: dict[str, np.ndarray] = {}
    for layer, (inputs, outputs) in enumerate(itertools.pairwise(sizes), start=1):
        arrays[f"W{layer}"] = generator.integers(-8, 9, (outputs, inputs)) / 8
        arrays[f"b{layer}"] = generator.integers(-8, 9, outputs) / 8
    return arrays


def main() -> None:
    np.savez(FOLDER / "ink.npz", **network(4, 6, 5, seed=1))  # four inks to five wavelengths
    np.savez(FOLDER / "arm.npz", **network(3, 4, 8, seed=2))  # three muscles to four points in the plane
    texts = {
        "spectra.csv": "# 400 450 500 550 600 nm\n0.1,0.2,0.3,0.4,0.5\n0.5,0.4,0.3,0.2,0.1\n",
        "short-spectra.csv": "0.1,0.2,0.3,0.4\n0.4,0.3,0.2,0.1\n",
        "column.csv": "0.1\n0.2\n0.3\n0.4\n0.5\n",
        "greys.csv": "0.1\n0.2\n0.3\n",
        "rest-pose.csv": "x;y\n0;0\n0;1\n1;0\n1;1\n",
        "skin.csv": "0\n2\n7\n",
        "ragged.csv": "0.1,0.2,0.3\n0.4,0.5\n",
        "words.csv": "wavelength,value\n400,0.2\n450,high\n",
        "decimal-comma.csv": "400;0,21\n450;0,22\n",
        "pandas.csv": ",400,450\n0,0.1,0.2\n1,0.3,0.4\n",
        "nan.csv": "0.1 0.2\n0.3 nan\n",
        "empty.csv": "",
        "titles.csv": "wavelength,value\n",
        "broken.json": "[[0.1, 0.2], [0.3, 0.4]",
        "object.json": '{"grey": [0.1, 0.2]}',
        "ink-names.csv": "cyan\nmagenta\nyellow\n",
    }
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    (FOLDER / "folder.csv").mkdir(exist_ok=True)
    (FOLDER / "folder.csv" / "inside.txt").write_text("1\n", encoding="utf-8")
    np.savez(FOLDER / "two.npz", grey=np.full(5, 0.5), cyan=np.arange(5) / 8)
    np.save(FOLDER / "objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    (FOLDER / "garbage.npy").write_bytes(bytes(range(256)))
    (FOLDER / "garbage.csv").write_bytes(bytes(range(256)))


if __name__ == "__main__":
    main()
