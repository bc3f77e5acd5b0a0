"""Results of structures: saved, loaded, told in words, and found out where they were changed."""

import dataclasses
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

import preimage
from preimage.engines.search import BrokenCertificate
from preimage.structures import Edge, Load, Node, Support, Task, Void
from preimage.structures.regions import Rectangle
from preimage.structures.result import StructureResult


@pytest.fixture(scope="module")
def result() -> StructureResult:
    parts = [Support(Edge("left")), Load(Node(24, 0), (0, -1)), Void(Rectangle((10, 5), (14, 8)))]
    answer = preimage.invert(Task.on(24, 8, *parts, volume=0.4), method="oc", steps=10)
    assert isinstance(answer, StructureResult)
    return answer


def test_files_and_pickles_give_it_back(result: StructureResult, tmp_path: Path) -> None:
    path = result.save(tmp_path / "a.result")
    loaded = preimage.load(path)
    assert isinstance(loaded, StructureResult)
    assert loaded == result
    assert loaded.save(tmp_path / "b.result").read_bytes() == path.read_bytes()
    assert StructureResult.load(path) == pickle.loads(pickle.dumps(result)) == result
    assert loaded.check().holds


def test_json(result: StructureResult) -> None:
    told = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert (told["status"], told["objective"], told["bound"]) == ("feasible", result.objective, result.bound)
    np.testing.assert_array_equal(told["design"]["design"], result["design"])
    np.testing.assert_array_equal(told["predictions"]["density"], result["density"])
    assert (told["volume"], told["discreteness"]) == (result.volume, result.discreteness)
    assert told["provenance"]["structure"]["width"] == 24


def test_words(result: StructureResult) -> None:
    assert "variable-thickness sheet" in result.message
    assert repr(result).startswith("<Result feasible: ")
    assert "finished" in result._repr_html_()
    assert not result.success
    assert result.x.shape == (24 * 8,)
    empty = StructureResult(status="no design found", provenance=result.provenance, arrays=result.arrays)
    assert (empty.volume, empty.discreteness) == (None, None)
    assert empty.message == "Finished after 0.0 s without a design."
    unproved = dataclasses.replace(result, bound=None, gap=None)
    assert "no bound was proved" in unproved.message
    assert unproved.check().holds


@pytest.mark.parametrize(
    ("what", "broken"),
    [
        ("design", "objective"),
        ("fuller", "volume"),
        ("outside", "regions"),
        ("density", "density"),
        ("objective", "objective"),
        ("bound", "witness"),
        ("witness", "witness"),
        ("task", "task"),
    ],
)
def test_what_was_changed_is_found_out(result: StructureResult, what: str, broken: str) -> None:
    design, arrays = np.array(result["design"]), {name: np.array(array) for name, array in result.arrays.items()}
    match what:
        case "design":
            changed = dataclasses.replace(result, design={"design": design * 0.999})
        case "fuller":
            changed = dataclasses.replace(result, design={"design": np.minimum(design + 0.01 * result.task.mask, 1)})
        case "outside":
            design[0, 12] = 0.5
            changed = dataclasses.replace(result, design={"design": design})
        case "density":
            changed = dataclasses.replace(result, predictions={"density": result["density"] + 1e-6})
        case "objective":
            changed = dataclasses.replace(result, objective=result.objective * (1 - 1e-6))
        case "bound":
            changed = dataclasses.replace(result, bound=result.bound * (1 + 1e-6))
        case "witness":
            arrays["witness"][:, :, 5:] *= 1.01
            changed = dataclasses.replace(result, arrays=arrays)
        case "task":
            arrays["fixed"][:] = False
            changed = dataclasses.replace(result, arrays=arrays)
    with pytest.raises(BrokenCertificate, match=broken):
        changed.check()
