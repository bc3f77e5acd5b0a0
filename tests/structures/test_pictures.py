"""Pictures of structures: symbols where a task is held and pulled, and pages that show what a result says."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import AxesImage

import preimage
from preimage.structures import Edge, Line, Load, LoadCase, Node, Rectangle, Support, Task, Void, published
from preimage.structures.energy import energy_density
from preimage.structures.result import StructureResult
from preimage.structures.symbols import CELLS, Held, symbols

DOWN = (0, -1)


@pytest.fixture(scope="module")
def result() -> StructureResult:
    parts = [Support(Edge("left")), Load(Node(24, 0), DOWN), Void(Rectangle((10, 5), (14, 8)))]
    answer = preimage.invert(Task.on(24, 8, *parts, volume=0.4), method="oc", steps=10)
    assert isinstance(answer, StructureResult)
    return answer


def test_supports_point_at_what_they_hold() -> None:
    task = Task.on(32, 16, Support(Edge("left")), Support(Node(32, 0), "y"), Load(Node(20, 16), DOWN), volume=0.4)
    *wall, roller = symbols(task).held
    assert {(held.x, held.directions, held.away) for held in wall} == {(0.0, "xy", (-1, 0))}
    assert len(wall) == CELLS / 2
    assert roller == Held(32.0, 16.0, "y", (0, 1))
    half = symbols(Task.on(32, 16, Support(Edge("bottom")), Load(Node(20, 16), DOWN), volume=0.4)).held
    assert {held.away for held in half} == {(0, 1)}


def test_arrows_stay_out_of_the_structure_if_they_can() -> None:
    held = Support(Edge("left"))
    (pushes,) = symbols(Task.on(32, 16, held, Load(Node(32, 16), DOWN), volume=0.4)).arrows
    assert pushes.tip == (32.0, 0.0)
    assert pushes.tail == (32.0, -2.0)
    (pulls,) = symbols(Task.on(32, 16, held, Load(Node(20, 0), DOWN), volume=0.4)).arrows
    assert (pulls.tail, pulls.tip) == ((20.0, 16.0), (20.0, 18.0))
    (within,) = symbols(Task.on(32, 16, held, Load(Node(20, 8), DOWN), volume=0.4)).arrows
    assert within.tip == (20.0, 8.0)


def test_arrows_are_few_and_tell_directions_and_cases_apart() -> None:
    held = Support(Edge("left"))
    spread = symbols(Task.on(64, 16, held, Load(Edge("top"), DOWN, total=True), volume=0.4)).arrows
    assert len(spread) == CELLS
    assert {arrow.tip[1] for arrow in spread} == {0.0}
    strong, weak = Load(Node(64, 8), (1, 0)), Load(Node(63, 8), (-0.1, 0))
    both = symbols(Task.on(64, 16, held, strong, weak, volume=0.4)).arrows
    lengths = sorted(abs(arrow.tip[0] - arrow.tail[0]) for arrow in both)
    assert len(both) == 2
    assert lengths[0] < 0.5 * lengths[1] == 2.0
    cases = LoadCase("down", (Load(Line((0, 0), (64, 0)), DOWN),)), LoadCase("up", (Load(Node(64, 8), (0, 1)),))
    assert {arrow.case for arrow in symbols(Task.on(64, 16, held, *cases, volume=0.4)).arrows} == {0, 1}


@pytest.mark.parametrize("name", ["multistory_building_64x128_0.4", "staggered_points_64x64_0.3", "hoop_32x64_0.25"])
def test_symbols_of_published_tasks(name: str) -> None:
    task = published(name)
    marks = symbols(task)
    assert 0 < len(marks.held) <= 4 * CELLS
    assert 0 < len(marks.arrows) <= CELLS**2
    for arrow in marks.arrows:
        length = np.hypot(*np.subtract(arrow.tip, arrow.tail))
        assert 0 < length <= marks.spacing * (1 + 1e-9)


def test_the_page(result: StructureResult, tmp_path: Path) -> None:
    figure = result.plot(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000
    search, structure, facts = figure.axes
    assert search.get_ylabel() == "compliance"
    drawn = [image for image in structure.get_children() if isinstance(image, AxesImage)]
    np.testing.assert_array_equal(drawn[0].get_array(), result["density"])
    assert len(drawn) == 2  # the void is shaded
    said = [text.get_text() for text in facts.texts]
    assert said[::2] == ["compliance", "bound", "gap", "volume", "discreteness"]
    assert structure.get_title() == "▲ held · → load · shaded: stays empty"
    empty = StructureResult(status="no design found", provenance=result.provenance, arrays=result.arrays)
    for drawing in (empty.plot(), empty.plot_energy()):
        assert any("no design to show" in text.get_text() for axes in drawing.axes for text in axes.texts)


def test_strain_energy(result: StructureResult, tmp_path: Path) -> None:
    assert energy_density(result).sum() == pytest.approx(0.5 * result.objective, rel=1e-9)
    result.plot_energy(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").stat().st_size > 1000
