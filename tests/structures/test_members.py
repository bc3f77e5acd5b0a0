"""Members at least so wide: they are measured right, and found designs keep to it or say that they do not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_dilation
from scipy.spatial.distance import cdist

import preimage
from preimage.language import ProblemErrors
from preimage.structures import Disc, Edge, Load, Node, Rectangle, Solid, Support, Symmetric, Task, Void, published
from preimage.structures.bound import overrated
from preimage.structures.erosion import HIGHEST, RISE, Erosion, surroundings
from preimage.structures.facts import facts
from preimage.structures.members import keeps_width, least_width
from preimage.structures.methods import Iterate
from preimage.structures.methods.oc import oc
from preimage.structures.methods.sharpening import SHARE_OF_WIDTHS, sharpened
from preimage.structures.physics import Physics
from preimage.structures.projection import SHARPEST, Projection, step
from preimage.structures.result import StructureResult
from preimage.structures.supports import floating_parts
from preimage.structures.task import RADIUS_BY_WIDTH
from structures.random_tasks import designs, random_task

HELD, TIP = Support(Edge("left")), Load(Node(48, 0), (0, -1))
GRID = Task.on(48, 24, HELD, TIP, volume=0.4)
down, right = np.mgrid[:24, :48] + 0.5

sharpnesses = st.sampled_from([1.0, 4.0, SHARPEST])
wide_tasks = st.builds(
    lambda seed, width: replace(random_task(seed), filter_radius=2.0, member_width=width),
    st.integers(0, 2**32),
    st.sampled_from([2.0, 3.0]),
)


def full(inside: np.ndarray) -> np.ndarray:
    return inside.astype(np.float64)


# What a width is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", range(1, 9))
def test_straight_bars_are_as_wide_as_they_are(width: int) -> None:
    first = 10
    assert least_width(GRID, full((first < down) & (down < first + width))) == width
    assert least_width(GRID, full((first < right) & (right < first + width))) == width


@pytest.mark.parametrize("width", [3.0, 4.0, 5.0, 6.0])
@pytest.mark.parametrize("angle", [0.2, 0.4, np.pi / 4, 1.2])
def test_slanted_bars_are_nearly_so(width: float, angle: float) -> None:
    across = (down - 12) * np.cos(angle) - (right - 24) * np.sin(angle)
    along = (down - 12) * np.sin(angle) + (right - 24) * np.cos(angle)
    found = least_width(GRID, full((np.abs(across) < width / 2) & (np.abs(along) < 9)))
    assert width - 1.0 <= found <= width + 0.5


def test_it_is_the_thinnest_part_that_counts() -> None:
    blocks = full(((down < 12) & (right > 20)) | ((down < 12) & (right < 10)))
    assert least_width(GRID, blocks) >= 10
    for thickness in (1, 2, 3):
        joined = np.maximum(blocks, full((down > 4) & (down < 4 + thickness) & (right < 30)))
        assert least_width(GRID, joined) == thickness


def test_grey_edges_count_as_far_as_their_outline() -> None:
    density = full((down > 10) & (down < 14))
    density[14] = 0.4
    assert least_width(GRID, density) == pytest.approx(4 + 1 / 3, abs=0.35)
    density[14] = 0.6
    assert least_width(GRID, density) == pytest.approx(4 + 2 / 3, abs=0.35)


def test_outside_is_nothing_but_where_the_structure_goes_on() -> None:
    assert least_width(GRID, full(down < 3)) == 3
    assert least_width(GRID, full(right > 45)) == 3
    assert least_width(GRID, full(right < 3)) == 6  # along the wall
    assert least_width(GRID, full((down > 9) & (down < 14))) == 5  # ends in it
    deck = replace(Task.on(48, 24, HELD, Load(Edge("top"), (0, -1)), volume=0.4), member_width=4.0)
    assert least_width(deck, full(down < 2)) == 4
    assert not keeps_width(deck, full(down > 21))


def test_solid_regions_are_as_wide_as_they_are() -> None:
    deck = Task.on(48, 24, HELD, TIP, Solid(Rectangle((0, 12), (48, 13))), volume=0.4)
    assert least_width(deck, full(deck.solid)) == 32
    assert least_width(deck, np.maximum(full(deck.solid), full((right > 20) & (right < 22)))) == 2
    assert least_width(GRID, full(deck.solid)) == 1


def test_nothing_is_not_thin() -> None:
    assert least_width(GRID, np.zeros((24, 48))) == 32
    assert least_width(GRID, np.ones((24, 48)), most=10.0) == 10


@settings(max_examples=40, deadline=None)
@given(designs, st.sampled_from([3.0, 4.0, 6.0]), st.integers(1, 8))
def test_unions_of_discs_are_as_wide_as_these(random: np.random.Generator, width: float, count: int) -> None:
    """Elements that one of many discs covers, each in reach of the next: opening by such a disc gives all back."""
    middle, inside = np.array([12.0, 24.0]), np.zeros((24, 48), dtype=bool)
    for _ in range(10 * count):
        inside |= np.hypot(down - middle[0], right - middle[1]) <= width / 2
        middle = np.clip(middle + random.uniform(-width / 4, width / 4, 2), width / 2, (24 - width / 2, 48 - width / 2))
    assert least_width(GRID, full(inside)) >= width - 1.25


@settings(max_examples=20, deadline=None)
@given(designs)
def test_no_width_is_told_that_an_opening_element_by_element_denies(random: np.random.Generator) -> None:
    """Parts that are far from all discs of that width which fit among whole elements are thin beyond doubt."""
    noise = random.random((24, 48))
    inside = binary_dilation(noise > 0.995, iterations=int(random.integers(1, 4))) | (noise > 0.999)
    inside |= (np.abs(down - random.uniform(4, 20)) < random.uniform(0.6, 3.0)) & (right > random.integers(0, 30))
    width = least_width(GRID, full(inside))
    radius = 0.5 * width - 1.0  # of discs that surely fit: rounding takes less than an element
    if radius <= 0:
        return
    empty = np.argwhere(np.pad(~inside, 1, constant_values=True)) - 0.5
    spots = np.argwhere(np.ones((49, 97))) / 2
    spots = spots[cdist(spots, empty).min(axis=1) >= radius]
    elements = np.argwhere(inside) + 0.5
    elements = elements[elements[:, 1] > 3]  # away from the wall
    assert len(elements) == 0 or cdist(elements, spots).min(axis=1).max() <= np.sqrt(2) * (radius + 1) + 2.0


# What erosion leaves -------------------------------------------------------------------------------------------------


@given(designs, sharpnesses, st.booleans())
def test_derivatives_are_finite_differences(random: np.random.Generator, sharpness: float, fullish: bool) -> None:
    filtered = random.uniform(0.01, 0.99, (5, 7)) ** (0.05 if fullish else 1.0)
    surrounded = np.where(random.random((5, 7)) < 0.7, 1.0, random.uniform(0.3, 1.0, (5, 7)))
    above, direction = random.normal(size=(2, 5, 7))
    at = Projection(filtered, sharpness)
    assume(abs(at.threshold + RISE - HIGHEST) > 1e-3)
    small = 1e-5 / max(sharpness, 1.0) ** 1.5

    def eroded(sign: int) -> np.ndarray:
        return Erosion(Projection(filtered + sign * small * direction, sharpness), surrounded).density

    difference = ((eroded(1) - eroded(-1)) * above).sum() / (2 * small)
    pulled = Erosion(at, surrounded).pull_back(above)
    assert difference == pytest.approx((pulled * direction).sum(), rel=1e-4, abs=1e-4 * np.abs(pulled).sum())


@settings(max_examples=30, deadline=None)
@given(wide_tasks, designs, sharpnesses)
def test_gradient_of_the_eroded_compliance(task: Task, random: np.random.Generator, sharpness: float) -> None:
    physics = Physics(task).eroded(sharpness)
    free = task.mask & ~task.solid
    assume(not floating_parts(task) and free.any())
    design = np.where(free, random.uniform(0.3, 0.7, task.mask.shape), task.solid)
    found = physics.evaluate(design)
    assume(found.compliance < 1e5)  # of what has fallen apart, differences are noise
    direction = np.where(free, random.normal(size=design.shape), 0.0)
    small = 1e-5 / sharpness**1.5
    ahead, behind = (physics.evaluate(design + sign * small * direction).compliance for sign in (1, -1))
    exact = float((found.gradient * direction).sum())
    assert (ahead - behind) / (2 * small) == pytest.approx(exact, rel=1e-3, abs=1e-3 * np.abs(found.gradient).sum())


@given(wide_tasks, designs)
def test_erosion_only_takes_away(task: Task, random: np.random.Generator) -> None:
    design = np.where(task.solid, 1.0, random.random(task.mask.shape) * task.mask)
    physics = Physics(task)
    left, whole = physics.eroded(SHARPEST).density(design), physics.density(design)
    assert (left <= whole + 1e-9).all()
    np.testing.assert_allclose(left[task.solid], 1.0)
    assert not left[~task.mask].any()


def test_what_is_just_wide_enough_just_survives() -> None:
    """Bars of a design of zeros and ones, through the middle of the grid and along its edge."""
    task = replace(Task.on(96, 48, Support(Node(0, 0)), Support(Node(96, 0)), TIP, volume=0.4), member_width=12.0)
    rows = np.mgrid[:48, :96][0]
    physics = Physics(task)
    for first in (0, 18):
        for width, survives in ((10, False), (11, False), (13, True), (14, True)):
            design = full((rows >= first) & (rows < first + width))
            filtered = physics.of(replace(task, projected=False, member_width=0.0)).density(design)
            left = step(surroundings(task) * filtered, 0.5 + RISE, SHARPEST)[:, 40]
            assert (left.max() > 0.5) == survives


# Tasks and answers ---------------------------------------------------------------------------------------------------


def test_a_width_brings_its_filter() -> None:
    task = Task.on(48, 16, HELD, TIP, volume=0.4, member_width=4)
    assert (task.projected, task.filter_radius) == (True, RADIUS_BY_WIDTH * 4)
    again = replace(task, name="again")
    assert (again.member_width, again.filter_radius) == (4, task.filter_radius)
    plain = overrated(task)
    assert (plain.member_width, plain.projected, plain.filter_radius) == (0, False, 1)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"filter_radius": 3.0}, "PRE829"),
        ({"volume_of": "design"}, "PRE828"),
        ({"member_width": 1.5}, "PRE830"),
        ({"member_width": -4.0}, "PRE830"),
        ({"member_width": 17.0}, "PRE830"),
        ({"member_width": float("nan")}, "PRE830"),
    ],
)
def test_what_makes_no_sense_is_refused(said: dict, code: str) -> None:
    with pytest.raises(ProblemErrors, match=code):
        Task.on(48, 16, HELD, TIP, volume=0.4, **({"member_width": 4.0} | said))


@pytest.mark.parametrize(
    "task",
    [
        replace(published("mbb_beam_96x32_0.5"), member_width=4.0),
        replace(published("multistory_building_32x64_0.5"), member_width=3.0),
        Task.on(60, 20, HELD, Load(Node(60, 10), (0, -1)), Symmetric("y", 10), volume=0.5, member_width=3.5),
        Task.on(60, 20, HELD, Load(Node(60, 0), (0, -1)), Void(Disc((30, 10), 4)), volume=0.5, member_width=3),
    ],
    ids=["mbb", "building", "symmetric", "hole"],
)
def test_members_are_as_wide_as_asked_for(task: Task, tmp_path: Path) -> None:
    result = preimage.invert(task, method="oc", steps=150)
    assert isinstance(result, StructureResult)
    assert result.member_width == least_width(task, result["density"]) >= task.member_width
    assert result.keeps_width
    assert "thinnest" not in result.message
    assert facts(result)[-1][0] == "thinnest"
    assert f"at least {task.member_width:g} was asked for" in facts(result)[-1][2]
    thin = preimage.invert(replace(task, member_width=0.0), method="oc", steps=150)
    assert thin.member_width < task.member_width
    assert thin.objective < result.objective
    assert thin.bound == result.bound
    assert result.objective == pytest.approx(Physics(task).evaluate(result["design"]).compliance)
    assert result.check().holds
    loaded = preimage.load(result.save(tmp_path / "wide.result"))
    assert (loaded.member_width, loaded.task.member_width) == (result.member_width, task.member_width)
    assert loaded.to_dict()["member_width"] == result.member_width
    assert loaded.check().holds
    lied = replace(loaded, statistics={**loaded.statistics, "member_width": 1.0})
    assert not lied.keeps_width
    with pytest.raises(preimage.engines.search.BrokenCertificate, match="members"):
        lied.check()


def test_an_answer_that_is_too_thin_says_so() -> None:
    """A tenth of the grid does not suffice for members that wide."""
    task = Task.on(32, 32, HELD, Load(Node(32, 16), (0, -1)), volume=0.1, member_width=8)
    result = preimage.invert(task, method="oc", steps=60)
    assert result.member_width < 8
    assert not result.keeps_width
    assert "thinnest member is only" in result.message
    assert "8 was asked for" in result.message
    assert result.check().holds


def test_only_designs_that_keep_to_it_are_judged() -> None:
    task = replace(published("mbb_beam_96x32_0.5"), member_width=4.0)
    physics, found = Physics(task), []

    def report(iterate: Iterate) -> bool:
        found.append(iterate)
        return True

    sharpened(oc)(physics, evaluations=100, seed=0, report=report)
    assert len(found) <= 100
    judged = [iterate for iterate in found if iterate.compliance is not None]
    assert judged
    assert found.index(judged[0]) > 100 * (1 - SHARE_OF_WIDTHS)
    for iterate in judged:
        assert keeps_width(task, physics.density(iterate.design))
        assert physics.evaluate(iterate.design).compliance == iterate.compliance


@pytest.mark.parametrize("steps", [1, 2, 5, 12])
def test_few_steps_are_an_answer(steps: int) -> None:
    task = Task.on(24, 12, HELD, Load(Node(24, 0), (0, -1)), volume=0.5, member_width=3)
    assert preimage.invert(task, method="oc", steps=steps).check().holds


def test_in_words() -> None:
    text = "structure beam on 48 x 16\nsupport left edge in x and y\nload node (48, 0) by (0, -1)\nvolume 0.5\n"
    text += "members at least 3 wide\nsolve for 60 steps using oc\n"
    task = Task.on(48, 16, HELD, TIP, volume=0.5, member_width=3)
    said, made = preimage.invert(text), preimage.invert(task, method="oc", steps=60)
    assert said.objective == made.objective
    np.testing.assert_array_equal(said["density"], made["density"])
