"""How sources are told apart, and what is refused before anything is read."""

import subprocess
import sys

import numpy as np
import pytest

from preimage.networks import ImportRefused, load
from preimage.networks.agreement import Imported, checked_network
from preimage.networks.architecture import Architecture
from preimage.networks.layers import Dense


def refused(source):
    with pytest.raises(ImportRefused) as refusal:
        load(source, "net")
    return refusal.value


def test_importing_the_package_loads_no_framework():
    program = (
        "import sys, preimage.networks; "
        "print(*sorted({'torch', 'onnx', 'onnxruntime', 'safetensors', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("missing", ["onnx", "torch", "safetensors"])
def test_a_missing_package_is_named(tmp_path, missing):
    suffix = {"onnx": ".onnx", "torch": ".pt2", "safetensors": ".safetensors"}[missing]
    path = tmp_path / f"net{suffix}"
    path.write_bytes(b"anything")
    program = f"""
import sys
sys.modules[{missing!r}] = None
from preimage.networks import ImportRefused, load
try:
    load({str(path)!r}, "net")
except ImportRefused as refusal:
    print(refusal)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert f"reading it takes {missing} (pip install {missing})" in done.stdout


def test_files_that_are_no_networks_are_refused_with_advice(tmp_path):
    assert ".npz, .onnx, .pt2 and .safetensors" in refused(tmp_path / "net.txt").advice
    assert "runs code" in refused("net.pt").advice
    assert "tf2onnx" in refused("net.keras").advice
    assert "No such file" in refused(tmp_path / "net.npz").reason
    (tmp_path / "folder.onnx").mkdir()
    assert "cannot be read" in refused(tmp_path / "folder.onnx").reason


def test_objects_that_are_no_networks_are_refused():
    assert "a float is not a network" in str(refused(1.5))
    assert "a module is not a network" in str(refused(np))
    assert "a type is not a network" in str(refused(dict))


def test_suffixes_may_be_in_capitals(tmp_path):
    path = tmp_path / "NET.NPZ"
    with path.open("wb") as stream:
        np.savez(stream, W1=np.eye(2), b1=np.zeros(2))
    assert load(path, "net").output_size == 2


def imported(forward):
    architecture = Architecture((2,))
    architecture.add(Dense(np.array([[1.0, 2.0], [1e-3, 0.0], [0.0, 0.0]])), architecture.input)
    return Imported(architecture, "tested", forward)


def test_a_mismatch_is_an_error_and_not_a_warning():
    weight = np.array([[1.0, 2.0], [1e-3, 0.0], [0.0, 0.0]])
    assert checked_network(imported(lambda x: x @ weight.T)).agreement == 0.0
    assert 4e-6 < checked_network(imported(lambda x: x @ weight.T * (1 + 5e-6))).agreement < 6e-6
    with pytest.raises(ImportRefused, match=r"differs from its source by 2\.0e-05"):
        checked_network(imported(lambda x: x @ weight.T * (1 + 2e-5)))


@pytest.mark.parametrize("row", [0, 1, 2])
def test_outputs_are_compared_on_their_own_scale(row):
    # An error that would not show beside the largest output shows beside its own.
    wrong = np.array([[1.0, 2.0], [1e-3, 0.0], [0.0, 0.0]])
    wrong[row, 1] += 1e-7 if row else 1e-4
    with pytest.raises(ImportRefused, match="differs from its source"):
        checked_network(imported(lambda x: x @ wrong.T))


def test_a_source_that_gives_nan_or_another_size_is_refused():
    with pytest.raises(ImportRefused, match="overflows or gives NaN"):
        checked_network(imported(lambda x: np.full((len(x), 3), np.nan)))
    with pytest.raises(ImportRefused, match="gives 2 numbers, not 3"):
        checked_network(imported(lambda x: x))


def test_a_refusal_reads_as_a_sentence():
    refusal = ImportRefused("it is odd", advice="make it even", layer="3 (Relu)")
    assert str(refusal) == "layer 3 (Relu): it is odd (make it even)"
    assert str(ImportRefused("it is odd")) == "it is odd"
