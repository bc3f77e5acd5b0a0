"""The boxes of a result: what is kept of them, and what pictures of them say."""

import dataclasses
import pickle

import numpy as np
import pytest
from matplotlib.patches import PathPatch
from results.samples import boxes, four_inks, two_angles

from preimage.results.boxes import SHADES, counts, layers, legend
from preimage.results.pictures import plot_result


def test_boxes_are_read_only_and_equal_by_content() -> None:
    kept = boxes()
    with pytest.raises(ValueError, match="read-only"):
        kept.bound[0] = 1.0
    assert kept == boxes()
    assert pickle.loads(pickle.dumps(kept)) == kept
    assert not pickle.loads(pickle.dumps(kept)).bound.flags.writeable
    assert two_angles() != four_inks()


def test_what_is_counted() -> None:
    assert counts(boxes()) == "4 open · depth 7 · 25 % cut away"
    assert boxes().leaves.tolist() == [1, 3, 4]
    assert boxes().point(two_angles().design) == (70.0, 30.0)
    assert boxes().point({}) is None


def test_each_box_is_in_one_layer_and_open_ones_are_on_top() -> None:
    drawn = list(layers(boxes()))
    assert [layer.kind for layer in drawn] == ["cut", "pruned", "settled", "open"]
    assert [layer.members.tolist() for layer in drawn] == [[2], [1], [4], [3]]
    assert all(0 <= layer.shade < SHADES for layer in drawn)
    assert drawn[-1].shade > drawn[0].shade, "the deeper, the stronger"


def test_the_legend_explains_what_there_is() -> None:
    assert list(legend(boxes())) == ["open", "settled", "pruned", "cut"]
    without = dataclasses.replace(boxes(), fate=np.array([1, 2, 1, 0, 2], dtype=np.uint8))
    assert list(legend(without)) == ["open", "pruned", "cut"]


def test_the_plot_of_a_result_shows_them() -> None:
    figure = plot_result(two_angles())
    (axes,) = (axes for axes in figure.axes if axes.get_xlabel() == "shoulder")
    assert axes.get_ylabel() == "elbow"
    assert axes.get_title(loc="left") == counts(boxes())
    patches = [patch for patch in axes.patches if isinstance(patch, PathPatch)]
    assert len(patches) == 4
    assert len({patch.get_facecolor() for patch in patches}) == 4
    hole = patches[0].get_path()
    assert hole.contains_point((75, 75))
    assert {axes.get_xlabel() for axes in plot_result(four_inks()).axes} == {"", "seconds"}
