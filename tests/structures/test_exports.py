"""Structures in other formats: closed surfaces, outlines with holes, images, arrays and animations."""

import io
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import preimage
from preimage.results.errors import NoDesignError, ResultFileError
from preimage.structures import Edge, Load, Node, Support, Task
from preimage.structures.exports import WRITERS
from preimage.structures.exports.animation import AnimationError
from preimage.structures.exports.scene import frames_of, pages
from preimage.structures.exports.solid import RECORD, solid
from preimage.structures.exports.vectors import loops
from preimage.structures.film import MOST, Film
from preimage.structures.result import StructureResult


@pytest.fixture(scope="module")
def result() -> StructureResult:
    task = Task.on(24, 8, Support(Edge("left")), Load(Node(24, 0), (0, -1)), volume=0.4, name="a <beam>")
    answer = preimage.invert(task, method="oc", steps=6)
    assert isinstance(answer, StructureResult)
    return answer


def area(loop: np.ndarray) -> float:
    x, y = loop.T
    return 0.5 * float(x[:-1] @ y[1:] - x[1:] @ y[:-1])


def assert_closed(triangles: np.ndarray) -> None:
    """Each edge belongs to two triangles, which run along it in opposite directions."""
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    edges = Counter(map(tuple, sides.tolist()))
    assert set(edges.values()) == {1}
    assert all((b, a) in edges for a, b in edges)


DENSITIES: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "random": lambda random: random.uniform(size=(9, 13)),
    "checks": lambda random: (np.indices((8, 8)).sum(axis=0) % 2).astype(float),
    "grey checks": lambda random: 0.3 + 0.4 * (np.indices((8, 8)).sum(axis=0) % 2) + random.normal(0, 0.05, (8, 8)),
    "at the level": lambda random: random.choice([0.0, 0.25, 0.5, 0.75, 1.0], size=(9, 12)),
    "one element": lambda random: np.ones((1, 1)),
    "full": lambda random: np.ones((3, 7)),
}


@pytest.mark.parametrize("kind", DENSITIES)
def test_solids_are_closed(kind: str) -> None:
    random = np.random.default_rng(0)
    for _ in range(5):
        density = DENSITIES[kind](random)
        points, triangles = solid(density, 2.0)
        assert_closed(triangles)
        rounded = points.astype(np.float32)  # as a file has them: none falls together with another
        assert len(np.unique(rounded, axis=0)) == len(points)
        a, b, c = (points[triangles[:, k]] for k in range(3))
        volume = np.einsum("ij,ij->", a, np.cross(b, c)) / 6
        inside = np.abs(sum(area(loop) for loop in loops(density)))
        assert volume == pytest.approx(2.0 * inside, rel=0.02, abs=0.1 * density.size * 0.02)
        assert points.min() >= 0
        assert (points.max(axis=0) <= (density.shape[1], density.shape[0], 2.0)).all()


def test_stl(result: StructureResult, tmp_path: Path) -> None:
    data = result.export(tmp_path / "a.stl").read_bytes()
    count = int(np.frombuffer(data, "<u4", 1, 80)[0])
    assert len(data) == 84 + 50 * count
    records = np.frombuffer(data, RECORD, offset=84)
    _, names = np.unique(records["corners"].reshape(-1, 3), axis=0, return_inverse=True)
    assert_closed(names.reshape(-1, 3))
    np.testing.assert_allclose(np.linalg.norm(records["normal"], axis=1), 1.0, rtol=1e-5)
    assert records["corners"][..., 2].max() == pytest.approx(2.4)
    right = records["corners"][records["corners"][..., 0] > 23]
    assert right[:, 1].min() < 1, "the load is at the lower right, and y points up"


def test_svg(result: StructureResult, tmp_path: Path) -> None:
    text = result.export(tmp_path / "a.svg").read_text()
    assert "<title>a &lt;beam&gt;</title>" in text
    (path,) = re.findall(r' d="([^"]+)"', text)
    assert 'fill-rule="evenodd"' in text
    assert path.count("M") == path.count("Z") == len(loops(result["density"]))
    numbers = np.array(re.findall(r"[\d.]+", path), dtype=float)
    assert numbers[0::2].max() <= 24
    assert numbers[1::2].max() <= 8


def test_a_hole_is_a_loop_within_a_loop() -> None:
    density = np.ones((6, 6))
    density[2:4, 2:4] = 0
    outer, inner = sorted(loops(density), key=lambda loop: -abs(area(loop)))
    assert area(outer) * area(inner) < 0
    assert (outer[0] == outer[-1]).all()
    assert abs(area(outer)) == pytest.approx(36, abs=0.51)  # its corners are cut
    assert abs(area(inner)) == pytest.approx(4, abs=0.51)


def test_image_and_arrays(result: StructureResult, tmp_path: Path) -> None:
    image = np.asarray(Image.open(result.export(tmp_path / "a.png")))
    assert image.shape == (8 * 42, 24 * 42)
    np.testing.assert_allclose(1 - image[::42, ::42] / 255, result["density"], atol=0.5 / 255 + 1e-9)
    with np.load(result.export(tmp_path / "a.npz")) as arrays:
        np.testing.assert_array_equal(arrays["design"], result["design"])
        np.testing.assert_array_equal(arrays["density"], result["density"])
        assert (arrays["compliance"], arrays["bound"]) == (result.objective, result.bound)
        assert {"fixed", "loads", "mask", "solid", "weights", "witness", "frames"} <= set(arrays)


def test_the_search_is_filmed(result: StructureResult) -> None:
    frames, seconds = result.arrays["frames"], result.arrays["frame_seconds"]
    assert frames.shape == (6, 8, 24)
    assert frames.dtype == np.uint8
    assert (np.diff(seconds) >= 0).all()
    last, when = frames_of(result)[-1]
    np.testing.assert_array_equal(last, result["density"])
    assert when == result.seconds


def test_a_film_stays_small_and_even() -> None:
    film = Film((4, 6))
    assert film.arrays() == {}
    for step in range(1000):
        film.add(np.full((2, 3), (step % 256) / 255), float(step))
    arrays = film.arrays()
    assert MOST / 2 <= len(arrays["frames"]) <= MOST
    assert len(set(np.diff(arrays["frame_seconds"]))) == 1
    assert arrays["frame_seconds"][0] == 0
    np.testing.assert_array_equal(arrays["frames"][:, 3, 5], arrays["frame_seconds"] % 256)


def test_pages_show_densities_as_they_are(result: StructureResult) -> None:
    first, *_, last = pages(result)
    assert first.shape == last.shape
    assert all(size % 2 == 0 for size in first.shape[:2])
    grey = last[(last.max(axis=2) == last.min(axis=2)) & (last[..., 0] < 250)]
    shown = np.unique(grey[:, 0])
    wanted = np.rint(255 * (1 - result["density"]))
    assert np.isin(wanted[(wanted > 40) & (wanted < 90)], shown).all()
    assert (first != last).any()


def test_animations(result: StructureResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Image.open(io.BytesIO(result.animation(tmp_path / "a.gif").read_bytes())) as film:
        assert film.n_frames == 7
        assert film.info["loop"] == 0
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(AnimationError, match="ffmpeg") as raised:
        result.animation(tmp_path / "a.mp4")
    assert raised.value.code == "PRE712"
    with pytest.raises(ResultFileError, match=r"ends in \.gif or \.mp4"):
        result.animation(tmp_path / "a.png")


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg on the path")
def test_a_film_by_ffmpeg(result: StructureResult, tmp_path: Path) -> None:
    assert b"ftyp" in result.animation(tmp_path / "a.mp4").read_bytes()[:16]


def test_what_cannot_be_exported(result: StructureResult, tmp_path: Path) -> None:
    with pytest.raises(ResultFileError, match=r"there is no export as \.step"):
        result.export(tmp_path / "a.step")
    with pytest.raises(ResultFileError, match="cannot be written"):
        result.export(tmp_path / "missing" / "a.stl")
    empty = StructureResult(status="no design found", provenance=result.provenance, arrays=result.arrays)
    for suffix in WRITERS:
        with pytest.raises(NoDesignError):
            empty.export(tmp_path / f"a{suffix}")
