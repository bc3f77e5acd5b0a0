import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from matplotlib.colors import to_hex
from results.samples import EVERY, four_inks, infeasible, integers, no_bound, six_spectra, sweep, trace, worst_case
from results.strategies import drawable_results

from preimage.results import Result, ResultFileError, Sweep
from preimage.results.pictures import draw_gap
from preimage.results.pictures.answer import comparisons
from preimage.results.pictures.style import BEST, PREDICTION, PROVED, markers, picture


def panels(answer: Result | Sweep) -> list:
    return answer.plot().axes


@pytest.mark.parametrize("make", EVERY)
def test_pictures_are_written(tmp_path: Path, make: object) -> None:
    path = tmp_path / "picture.png"
    make().plot(path)  # type: ignore[operator]
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_suffix_is_the_format(tmp_path: Path, suffix: str, start: bytes) -> None:
    path = tmp_path / f"picture.{suffix}"
    integers().plot(path)
    assert path.read_bytes().startswith(start)


@settings(max_examples=10)
@given(drawable_results)
def test_any_result_can_be_drawn(result: Result) -> None:
    answer = result.plot()
    assert answer._repr_png_().startswith(b"\x89PNG")


def test_names_may_hold_dollars_and_signs_that_no_font_has(tmp_path: Path) -> None:
    names = ("$1 a kg", "深い青", "\x1b[0m", "a_b^c$x")
    result = dataclasses.replace(four_inks(), labels={"inks": names}, predictions={"$y": [52.0, -18.0, 31.0]})
    result.plot(tmp_path / "picture.png")


def test_the_gap_picture_shows_best_bound_and_who_found_it() -> None:
    axes = panels(four_inks())[0]
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert set(lines) == {"best design", "proved bound", "by adjoint", "by branch"}
    best, bound = lines["best design"], lines["proved bound"]
    assert best.get_ydata()[-1] == 0.74277
    assert bound.get_ydata()[-1] == 0.7427
    assert best.get_drawstyle() == bound.get_drawstyle() == "steps-post"
    assert [to_hex(line.get_color()) for line in (best, bound)] == [BEST.lower(), PROVED.lower()]
    assert lines["by adjoint"].get_xdata().tolist() == [0.02, 0.09]
    assert lines["by branch"].get_xdata().tolist() == [0.26, 0.31]
    assert lines["by adjoint"].get_marker() != lines["by branch"].get_marker()
    assert axes.get_title(loc="left") == "best 0.74277 · proved 0.74270 · gap 0.0095 %"


def test_the_band_between_best_and_bound_is_shaded() -> None:
    axes = panels(four_inks())[0]
    (band,) = axes.collections
    corners = band.get_paths()[0].vertices
    assert corners[:, 0].min() == pytest.approx(0.02)
    assert {0.0, 4.812} <= set(corners[:, 1].round(6).tolist())


def test_every_engine_has_its_marker_in_every_picture() -> None:
    assert markers(["branch", "adjoint, polished", "milp"]) == {"branch": "s", "adjoint": "o", "milp": "^"}
    assert markers(["adjoint"])["adjoint"] == "o"
    several = markers(["genetic", "tandem", "adjoint"])
    assert len(set(several.values())) == 3


def scales(rows: tuple, seconds: float, sense: str = "minimise") -> tuple[str, str]:
    axes = picture(4, 3).subplots()
    draw_gap(axes, trace(*rows), sense, seconds)  # type: ignore[arg-type]
    return axes.get_xscale(), axes.get_yscale()


def test_axes_are_logarithmic_where_that_reads_better() -> None:
    wide = ((0.1, 4000.0, 0.0, "adjoint"), (0.2, 2.0, 1.0, "branch"), (0.3, 1.5, 1.4, "branch"))
    near = ((0.1, 4.0, 0.0, "adjoint"), (0.2, 2.0, 1.0, "branch"), (0.3, 1.5, 1.4, "branch"))
    signs = ((0.1, 4000.0, -9.0, "adjoint"), (0.2, -2.0, -3.0, "branch"))
    assert scales(wide, 0.4) == ("linear", "log")
    assert scales(near, 0.4) == ("linear", "linear")
    assert scales(signs, 0.4) == ("linear", "linear")
    assert scales(near, 600.0) == ("log", "linear")


def test_a_bound_from_far_off_does_not_squeeze_the_picture() -> None:
    axes = picture(4, 3).subplots()
    rows = trace((0.1, 4.0, -1e9, "adjoint"), (0.2, 3.0, 2.5, "branch"))
    draw_gap(axes, rows, "minimise", 1.0)
    low, high = axes.get_ylim()
    assert 0 < low < 2.5 < 4.0 < high < 6.0


def test_target_and_prediction_are_curves_where_long_and_bars_where_short() -> None:
    curves = panels(six_spectra())[1]
    prediction, target = six_spectra().predictions["print(inks)"], six_spectra().targets["spectrum"]
    drawn = {line.get_label(): line.get_ydata() for line in curves.get_lines()}
    np.testing.assert_array_equal(drawn["target"], target[0])
    np.testing.assert_array_equal(drawn["design"], prediction[0])
    bars = panels(four_inks())[1]
    heights = [[bar.get_height() for bar in group] for group in bars.containers]
    assert heights == [[52.3, -18.2, 31.0], [52.1, -18.4, 31.3]]


def test_six_targets_have_a_panel_each_and_more_are_exemplified() -> None:
    assert len(comparisons(six_spectra())) == 6
    many = dataclasses.replace(
        six_spectra(),
        predictions={"print(inks)": np.zeros((40, 31))},
        targets={"spectrum": np.arange(40)[:, None] * np.ones((40, 31))},
    )
    titles = [axes.get_title(loc="left") for axes in panels(many)]
    assert [t for t in titles if "spectrum" in t] == ["best: spectrum 0", "median: spectrum 20", "worst: spectrum 39"]


def test_a_target_finds_the_prediction_that_it_is_compared_with() -> None:
    result = dataclasses.replace(
        four_inks(), predictions={"far": [0.0, 0.0, 0.0], "press(inks)": [52.0, -18.0, 31.0], "sum": 2.0}
    )
    (comparison,) = comparisons(result)
    assert comparison.title == "press(inks) against colour"


def test_points_of_the_plane() -> None:
    axes = panels(no_bound())[1]
    assert axes.get_aspect() == 1.0
    star = next(line for line in axes.get_lines() if line.get_label() == "target")
    assert (star.get_xdata().tolist(), star.get_ydata().tolist()) == ([2.0], [4.5])


def test_a_design_shows_names_bounds_and_what_is_left_out() -> None:
    axes = panels(four_inks())[2]
    limits, values = axes.containers
    assert [bar.get_height() for bar in limits] == [1.0] * 4
    assert [bar.get_height() for bar in values] == [0.12, 0.0, 0.93, 0.4]
    ticks = {tick.get_text(): tick.get_color() for tick in axes.get_xticklabels()}
    assert list(ticks) == ["cyan", "magenta", "yellow", "black"]
    assert ticks["magenta"] != ticks["cyan"] == ticks["black"]
    assert axes.get_title(loc="left") == "inks: 1 of 4 is 0"


def test_a_choice_of_few_among_many_shows_the_few() -> None:
    axes = panels(six_spectra())[-1]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["magenta", "deep cyan"]
    assert len(axes.containers) == 6
    assert axes.get_title(loc="left").endswith("42 of 44 are 0")


def test_many_used_entries_of_many_targets_are_a_map() -> None:
    wide = dataclasses.replace(six_spectra(), design={"inks": np.random.default_rng(0).uniform(size=(6, 44))})
    assert len(panels(wide)[-2].get_images()) == 1


def test_narrow_bounds_show_places_between_them() -> None:
    axes = panels(worst_case())[2]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["lower", "upper"]
    (dots,) = axes.get_lines()
    np.testing.assert_allclose(dots.get_ydata(), [1, 0, 1, 1, 0, 0.6, 1, 0], atol=1e-9)


def test_every_input_has_its_bars() -> None:
    assert [axes.get_title(loc="left").split(":")[0] for axes in panels(integers())[2:]] == ["layers", "open"]


def test_an_infeasible_problem_names_the_statements() -> None:
    figure = infeasible().plot()
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert "line 9    smooth stretch[0:20] within 0.2" in texts[0]
    assert "lines 9 and 12" in figure.get_suptitle()


def test_without_bound_without_objective_without_anything() -> None:
    assert panels(no_bound())[0].get_title(loc="left") == "best 0.31000 · no bound proved"
    assert panels(Result(status="no design found"))[0].texts[0].get_text() == "no design and no bound"
    any_design = Result(status="optimal", design={"x": [1.0, 2.0]})
    assert "any design that holds" in panels(any_design)[0].texts[0].get_text()


def test_a_sweep_shows_every_target_and_three_examples() -> None:
    axes = panels(sweep())
    lines = {line.get_label(): line for line in axes[0].get_lines()}
    assert len(lines["optimal"].get_xdata()) == 18
    assert len(lines["still open"].get_xdata()) == 4
    assert lines["no design"].get_xdata().tolist() == [5, 17]
    assert [title.get_title(loc="left").split(":")[0] for title in axes[1:]] == [
        "target 8 (best)",
        "target 9 (median)",
        "target 7 (worst)",
    ]


def test_sweeps_of_one_of_none_and_without_designs() -> None:
    panels(sweep()[1:2])
    panels(Sweep([]))
    panels(Sweep([infeasible(), infeasible()]))


def test_a_picture_that_cannot_be_written(tmp_path: Path) -> None:
    for path in (tmp_path / "picture.docx", tmp_path / "missing" / "picture.png"):
        with pytest.raises(ResultFileError, match=r"error\[PRE705\]"):
            four_inks().plot(path)


def test_a_picture_shows_itself_without_pyplot() -> None:
    assert four_inks().plot()._repr_png_().startswith(b"\x89PNG")


def test_predictions_are_in_their_colour() -> None:
    bars = panels(four_inks())[1].containers[1]
    assert to_hex(bars[0].get_facecolor()) == PREDICTION.lower()
