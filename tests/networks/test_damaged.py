"""Damaged files of every format: refused with a reason, never read wrong, never a traceback of something else."""

import io
import json
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preimage.networks import ImportRefused, load, save_safetensors

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
nn = torch.nn


def npz():
    buffer = io.BytesIO()
    np.savez(buffer, W1=np.eye(3), b1=np.ones(3), W2=np.ones((1, 3)), b2=np.zeros(1))
    return buffer.getvalue()


def pt2(module=None):
    module = module or nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    buffer = io.BytesIO()
    torch.export.save(torch.export.export(module, (torch.zeros(1, 2),)), buffer)
    return buffer.getvalue()


def onnx_bytes():
    helper = onnx.helper
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "W", "b"], ["h"]), helper.make_node("Relu", ["h"], ["y"])],
        "net",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ("N", 2))],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ("N", 3))],
        [
            onnx.numpy_helper.from_array(np.ones((2, 3), np.float32), "W"),
            onnx.numpy_helper.from_array(np.ones(3, np.float32), "b"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A sound file of each format."""
    path = tmp_path_factory.mktemp("whole") / "net.safetensors"
    save_safetensors([np.eye(3), np.ones(3), np.ones((1, 3)), np.zeros(1)], path)
    return {".npz": npz(), ".pt2": pt2(), ".onnx": onnx_bytes(), ".safetensors": path.read_bytes()}


SUFFIXES = [".npz", ".pt2", ".onnx", ".safetensors"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_sound_files_are_read(tmp_path, whole, suffix):
    path = tmp_path / f"net{suffix}"
    path.write_bytes(whole[suffix])
    assert load(path, "net").agreement <= 1e-5


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_empty_and_truncated_files_are_refused(tmp_path, whole, suffix, caplog):
    path = tmp_path / f"net{suffix}"
    path.write_bytes(b"")
    with pytest.raises(ImportRefused, match="is empty"):
        load(path, "net")
    content = whole[suffix]
    for share in (0.02, 0.3, 0.7, 0.97):
        path.write_bytes(content[: int(share * len(content))])
        with pytest.raises(ImportRefused):
            load(path, "net")
    for other in SUFFIXES:
        path.write_bytes(b"PK" + bytes(60) if other == suffix else whole[other])
        if other != suffix:
            with pytest.raises(ImportRefused):
                load(path, "net")
    assert "Traceback" not in caplog.text


def test_names_that_are_no_text_are_refused(tmp_path):
    model = onnx.load_model_from_string(onnx_bytes())
    model.graph.input.append(onnx.helper.make_tensor_value_info("?", onnx.TensorProto.FLOAT, ("N", 2)))
    path = tmp_path / "net.onnx"
    path.write_bytes(model.SerializeToString().replace(b"?\x12", b"\xff\x12"))
    with pytest.raises(ImportRefused, match="it has 2 inputs"):
        load(path, "net")


@pytest.mark.parametrize("suffix", [".npz", ".onnx", ".safetensors"])
@settings(max_examples=100)
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4))
def test_flipped_bytes_are_read_or_refused(whole, tmp_path_factory, suffix, changes):
    content = bytearray(whole[suffix])
    for share, byte in changes:
        content[int(share * len(content))] = byte
    path = tmp_path_factory.mktemp("flipped") / f"net{suffix}"
    path.write_bytes(bytes(content))
    with suppress(ImportRefused):
        assert load(path, "net").agreement <= 1e-5


def rewritten(content, change):
    """A .pt2 file with each member passed through ``change(name, content)``; None leaves it out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            member = change(name, source.read(name))
            if member is not None:
                target.writestr(name, member)
    return buffer.getvalue()


class Runs:
    """Something that does what it likes when it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("a file was unpickled",))


def pickled():
    buffer = io.BytesIO()
    torch.save((Runs(),), buffer)
    return buffer.getvalue()


def edit(old, new):
    return lambda name, content: content.replace(old, new) if name.endswith(".json") else content


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda name, content: pickled() if name.endswith("sample_inputs/model.pt") else content, "more than tensors"),
        (edit(b'"use_pickle": false', b'"use_pickle": true'), "pickled object"),
        (edit(b'"weight_0"', b'"opaque_obj_0"'), "pickled object"),
        (edit(b'{"as_int": 2}', b'{"as_int": 99999}'), "too large"),
        (lambda name, content: None if name.endswith("weight_1") else content, "cannot be read as .pt2"),
        (lambda name, content: content[:-7] if name.endswith("weight_0") else content, "cannot be read as .pt2"),
        (lambda name, content: content[:-9] if name.endswith(".json") else content, "cannot be read as .pt2"),
        (edit(b"torch.ops.aten.relu.default", b"torch.ops.aten.tanh.default"), "`tanh` cannot be taken over"),
    ],
)
def test_files_of_torch_that_could_run_code_are_refused(tmp_path, whole, change, words):
    path = tmp_path / "net.pt2"
    path.write_bytes(rewritten(whole[".pt2"], change))
    with pytest.raises(ImportRefused, match=words):
        load(path, "net")


@pytest.mark.parametrize(
    "expression", ["__import__('os').getcwd()", "eval('s0')", "Symbol('s').func", "(exec)('s')", "[s for s in (1,)]"]
)
def test_expressions_that_torch_would_evaluate_are_refused(tmp_path, whole, expression):
    held = json.dumps({"expr_str": expression})

    def change(name, content):
        return content[:-1] + b', "more": ' + held.encode() + b"}" if name.endswith("models/model.json") else content

    path = tmp_path / "net.pt2"
    path.write_bytes(rewritten(whole[".pt2"], change))
    with pytest.raises(ImportRefused, match="holds the expression"):
        load(path, "net")


def test_compiled_code_in_a_file_of_torch_is_refused(tmp_path, whole):
    path = tmp_path / "net.pt2"
    path.write_bytes(whole[".pt2"])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("archive/data/aotinductor/model/net.so", b"\x7fELF")
    with pytest.raises(ImportRefused, match="compiled code"):
        load(path, "net")
