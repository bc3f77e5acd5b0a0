import copy
import dataclasses
import json
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from results.samples import EVERY, four_inks, infeasible, integers, six_spectra, sweep, worst_case
from results.strategies import is_finite_json, results

from preimage.engines.search import TraceRow
from preimage.results import NoDesignError, Result, Sweep

SCHEMA = {
    "status": str,
    "objective": (float, type(None)),
    "bound": (float, type(None)),
    "gap": (float, type(None)),
    "design": dict,
    "predictions": dict,
    "targets": dict,
    "labels": dict,
    "limits": dict,
    "trace": list,
    "seconds": float,
    "sense": str,
    "message": str,
    "designs": list,
    "clashes": list,
    "statistics": dict,
    "provenance": dict,
}


@given(results)
def test_the_dictionary_is_the_json_object_of_the_language(result: Result) -> None:
    record = result.to_dict()
    assert list(record) == list(SCHEMA)
    assert all(isinstance(record[name], kind) for name, kind in SCHEMA.items())
    assert is_finite_json(record)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    for row, given_row in zip(record["trace"], result.trace, strict=True):
        assert list(row) == ["time", "incumbent", "bound", "source"]
        assert row["source"] == given_row.source


def test_a_design_is_nested_lists_and_integers_stay_integers() -> None:
    assert six_spectra().to_dict()["design"]["inks"] == six_spectra().design["inks"].tolist()
    assert integers().to_dict()["design"]["open"] == [1, 0, 1, 0, 0]


@given(results)
def test_copies_are_equal_and_changes_are_not(result: Result) -> None:
    assert result == copy.deepcopy(result) == pickle.loads(pickle.dumps(result))
    assert result != dataclasses.replace(result, seconds=result.seconds + 1.0)
    assert result != dataclasses.replace(result, design={**result.design, "one more": [1.0]})
    assert result != "a result"


def test_equality_sees_the_kind_and_the_shape_of_an_array() -> None:
    base = Result(status="optimal", design={"x": np.array([1.0, 2.0])})
    assert base != dataclasses.replace(base, design={"x": np.array([1, 2])})
    assert base != dataclasses.replace(base, design={"x": np.array([[1.0, 2.0]])})
    assert base != dataclasses.replace(base, design={"y": np.array([1.0, 2.0])})
    assert base == dataclasses.replace(base, design={"x": [1.0, 2.0]})


def test_nothing_can_be_changed() -> None:
    source = np.array([0.5, 0.25])
    result = Result(status="optimal", design={"x": source}, statistics={"nodes": {"branch": 3}})
    source[0] = 9.0
    assert result["x"][0] == 0.5
    with pytest.raises(ValueError, match="read-only"):
        result["x"][0] = 1.0
    with pytest.raises(TypeError):
        result.design["x"] = source  # type: ignore[index]
    with pytest.raises(TypeError):
        result.statistics["nodes"]["branch"] = 4
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.status = "infeasible"  # type: ignore[misc]
    assert not hasattr(result, "__dict__")
    with pytest.raises(ValueError, match="read-only"):
        result.x[0] = 1.0
    with pytest.raises(TypeError, match="unhashable"):
        hash(result)


def test_names_are_looked_up_in_design_predictions_and_targets() -> None:
    result = four_inks()
    assert result["inks"] is result.design["inks"]
    assert result["press(inks)"] is result.predictions["press(inks)"]
    assert result["colour"] is result.targets["colour"]
    with pytest.raises(KeyError, match="did you mean 'inks'"):
        result["ink"]
    with pytest.raises(KeyError, match="there is no design"):
        infeasible()["stretch"]


def test_what_is_not_finite_is_missing() -> None:
    row = TraceRow(0.0, float("inf"), float("-inf"), "branch")
    result = Result(status="feasible", objective=float("nan"), bound=float("-inf"), gap=float("inf"), trace=(row,))
    assert (result.objective, result.bound, result.gap) == (None, None, None)
    assert result.trace == (TraceRow(0.0, None, None, "branch"),)


def test_scipy_names() -> None:
    result = integers()
    assert result.x.tolist() == [*result.design["layers"].tolist(), *result.design["open"].tolist()]
    assert result.x.dtype == np.float64
    assert result.fun == result.objective
    assert result.success
    assert not six_spectra().success
    assert infeasible().x.size == 0


def test_a_result_has_no_truth_value() -> None:
    for answer in (four_inks(), sweep()):
        with pytest.raises(TypeError, match="neither true nor false"):
            bool(answer)


def test_raise_for_status() -> None:
    result = six_spectra()
    assert result.raise_for_status() is result
    with pytest.raises(NoDesignError, match=r"error\[PRE707\].*lines 9 and 12") as caught:
        infeasible().raise_for_status()
    assert caught.value.status == "infeasible"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    with pytest.raises(NoDesignError):
        sweep().raise_for_status()


def test_arrays_hold_numbers() -> None:
    with pytest.raises(TypeError, match="holds numbers"):
        Result(status="optimal", design={"x": np.array([object()])})


def test_short_descriptions() -> None:
    assert repr(four_inks()) == "<Result optimal: 0.74277, gap 0.0095 %, inks[4]>"
    assert repr(infeasible()) == "<Result infeasible>"
    assert repr(sweep()) == "<Sweep of 24: 18 optimal, 4 feasible, 1 infeasible, 1 no design found>"


def test_messages_are_one_sentence() -> None:
    expected = [
        "Optimal to 0.0021 %: no design does better than 0.49999.",
        "Optimal to 0.0095 %: no design does better than 0.74270.",
        "Stopped after 0.3 s: the best design gives 3.2000, and no design does better than 1.0000 (gap 69 %).",
        "Stopped after 60 s: the best design gives 0.74310, and no design does better than 0.61200 (gap 18 %).",
        "Optimal to 0.0046 %: no design does better than 0.022171.",
        "Infeasible: the statements in lines 9 and 12 cannot hold together (proved).",
        "Interrupted after 6.0 s: the best design gives 0.31000; no bound was proved.",
        "Optimal: no design does better than 0.0000.",
        "24 targets: 18 optimal, 4 feasible, 1 infeasible, 1 no design found.",
    ]
    assert [make().message for make in EVERY] == expected


def test_the_word_of_a_solver_is_told_as_such() -> None:
    def by_scip(**fields: object) -> Result:
        return Result(**fields, provenance={"bound_by": "milp, by SCIP"})  # type: ignore[arg-type]

    for bound_by in ("branch", "milp", "milp, polished", "adjoint", ""):
        assert Result(status="infeasible", provenance={"bound_by": bound_by}).solver is None
    values = {"objective": 1.0, "bound": 0.5, "gap": 0.5, "seconds": 2.0, "design": {"x": [1.0]}}
    assert by_scip(status="optimal", **values).solver == "SCIP"
    assert by_scip(status="optimal", **values).message.endswith("no design does better than 0.50000, by SCIP's word.")
    assert "better than 0.50000, by SCIP's word (gap 50 %)." in by_scip(status="feasible", **values).message
    assert by_scip(status="infeasible").message.endswith("(by SCIP's word).")
    assert "no better than 0.20000, by SCIP's word" in by_scip(status="no design found", bound=0.2).message
    assert "the bound stands by SCIP's word" in str(by_scip(status="feasible", **values).check())


def test_messages_of_answers_without_values() -> None:
    def message(**fields: object) -> str:
        return Result(**fields).message  # type: ignore[arg-type]

    assert message(status="optimal", design={"x": [1.0]}) == "A design that holds was found."
    assert "whether one exists is open" in message(status="no design found", seconds=60.0)
    assert "no better than 0.20000" in message(status="no design found", bound=0.2, seconds=60.0)
    assert "no design meets every statement" in message(status="infeasible")
    assert "the statement in line 3 cannot hold" in message(status="infeasible", clashes=((3, "require x >= 2"),))
    assert message(status="interrupted", design={"x": [1.0]}).startswith("Interrupted after 0.0 s with a design")
    tiny = message(status="optimal", design={"x": [1.0]}, objective=1e-8, bound=0.0, gap=1.0)
    assert tiny == "Optimal to within 1e-6: no design does better than 0.0000."


def test_a_sweep_is_a_sequence() -> None:
    answers = sweep()
    assert len(answers) == 24
    assert [answers[k] for k in range(24)] == list(answers)
    assert answers[-1] == next(reversed(answers))
    assert isinstance(answers[2:5], Sweep)
    assert len(answers[2:5]) == 3
    assert list(answers.to_dict()) == ["results"]
    assert answers.to_dict()["results"][3] == answers[3].to_dict()
    assert not answers.success
    assert answers[1:5].success
    assert answers == Sweep(answers)
    assert answers != answers[:5]
    assert answers.seconds == pytest.approx(sum(r.seconds for r in answers))


def test_tables() -> None:
    trace = worst_case().to_pandas()
    assert list(trace.columns) == ["time", "incumbent", "bound", "gap", "source"]
    assert trace["bound"].isna().tolist() == [True] + [False] * 5
    assert trace["gap"].iloc[-1] == pytest.approx(worst_case().gap)
    table = sweep().to_pandas()
    assert table.index.name == "target"
    assert table["status"].value_counts()["optimal"] == 18
    assert table["objective"].isna().sum() == 2


def test_results_import_nothing_heavy() -> None:
    heavy = ("matplotlib", "pandas", "torch", "rich", "typer", "IPython")
    code = f"import sys, preimage.results; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
