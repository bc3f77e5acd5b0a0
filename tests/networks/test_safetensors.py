"""Weights with a record of the layers."""

import json
import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preimage.networks import ImportRefused, load, save_safetensors
from preimage.networks.layer_records import KINDS

numpy_files = pytest.importorskip("safetensors.numpy")

RANDOM = np.random.default_rng(11)
TENSORS = {
    "w": RANDOM.normal(size=(3, 4)),
    "b": RANDOM.normal(size=3),
    "v": RANDOM.uniform(0.5, 2.0, size=3),
    "k1": RANDOM.normal(size=(2, 1, 3)),
    "k2": RANDOM.normal(size=(2, 1, 2, 2)),
    "b2": RANDOM.normal(size=2),
    "i": np.array([2, 0, -1]),
}
DENSE = {"kind": "dense", "weight": "w", "bias": "b"}


def save(path, record, tensors=TENSORS):
    text = record if isinstance(record, str) else json.dumps(record)
    numpy_files.save_file(tensors, path, metadata={"preimage": text})
    return path


def network(tmp_path, *layers, shape=(4,)):
    return load(save(tmp_path / "net.safetensors", [{"kind": "input", "shape": list(shape)}, *layers]), "net")


def value(tmp_path, x, *layers, shape=(4,)):
    return network(tmp_path, *layers, shape=shape).graph.evaluate(np.asarray(x, dtype=float))


X = np.array([0.5, -1.0, 2.0, 0.25])
W, B, V = TENSORS["w"], TENSORS["b"], TENSORS["v"]


def test_dense_layers_and_activations(tmp_path):
    z = W @ X + B
    for kind, expected in {
        "relu": np.maximum(z, 0),
        "abs": np.abs(z),
        "leaky_relu": np.where(z > 0, z, 0.01 * z),
        "hardtanh": np.clip(z, -1, 1),
        "relu6": np.clip(z, 0, 6),
    }.items():
        np.testing.assert_allclose(value(tmp_path, X, DENSE, {"kind": kind}), expected, rtol=1e-14)
    leaky = {"kind": "leaky_relu", "slope": 0.3}
    np.testing.assert_allclose(value(tmp_path, X, DENSE, leaky), np.where(z > 0, z, 0.3 * z), rtol=1e-14)
    prelu = {"kind": "prelu", "slopes": "v"}
    np.testing.assert_allclose(value(tmp_path, X, DENSE, prelu), np.where(z > 0, z, V * z), rtol=1e-14)
    clip = {"kind": "clip", "lower": -0.1, "upper": None}
    np.testing.assert_allclose(value(tmp_path, X, DENSE, clip), np.maximum(z, -0.1), rtol=1e-14)
    norm = {"kind": "batch_norm", "mean": "b", "variance": "v", "weight": "v", "epsilon": 0.25}
    np.testing.assert_allclose(value(tmp_path, X, DENSE, norm), (z - B) / np.sqrt(V + 0.25) * V, rtol=1e-13)


def test_branches_refer_to_earlier_layers_by_name(tmp_path):
    z = np.maximum(W @ X + B, 0)
    first = DENSE | {"name": "first"}
    relu = {"kind": "relu", "name": "bent"}
    for last, expected in {
        "add": z + W @ X + B,
        "maximum": np.maximum(z, W @ X + B),
        "concat": np.concatenate([z, W @ X + B]),
    }.items():
        joined = {"kind": last, "from": ["bent", "first"]}
        np.testing.assert_allclose(value(tmp_path, X, first, relu, joined), expected, rtol=1e-13)
    np.testing.assert_allclose(value(tmp_path, X, {"kind": "add", "from": ["input", "input"]}), 2 * X)


def test_windows_take_numbers_lists_or_pairs(tmp_path):
    conv = {"kind": "conv1d", "weight": "k1", "bias": "b2", "padding": 1}
    expected = np.stack([np.convolve(np.pad(X, 1), k[0, ::-1], "valid") for k in TENSORS["k1"]])
    expected = expected + TENSORS["b2"][:, None]
    for padding in (1, [1], [[1, 1]]):
        got = value(tmp_path, X, conv | {"padding": padding}, shape=(1, 4))
        np.testing.assert_allclose(got, expected.ravel(), rtol=1e-13)
    pooled = value(tmp_path, X, {"kind": "max_pool", "kernel": [2]}, shape=(1, 4))
    np.testing.assert_allclose(pooled, [0.5, 2.0])
    pooled = value(tmp_path, X, {"kind": "avg_pool", "kernel": [2], "stride": 1}, shape=(1, 4))
    np.testing.assert_allclose(pooled, (X[1:] + X[:-1]) / 2)
    net = network(tmp_path, {"kind": "conv_transpose2d", "weight": "k2"}, shape=(2, 1, 2))
    assert net.output_size == 2 * 3


def test_entries_are_moved(tmp_path):
    turned = value(tmp_path, X, {"kind": "transpose", "axes": [1, 0]}, {"kind": "flatten"}, shape=(2, 2))
    np.testing.assert_allclose(turned, X[[0, 2, 1, 3]])
    np.testing.assert_allclose(value(tmp_path, X, {"kind": "take", "axis": 0, "indices": "i"}), X[[2, 0, -1]])
    np.testing.assert_allclose(value(tmp_path, X, {"kind": "pad", "amounts": [[1, -1]], "value": 7}), [7, 0.5, -1, 2])
    rows = ({"kind": "reshape", "shape": [2, -1]}, {"kind": "reduce_mean", "axes": [1]})
    np.testing.assert_allclose(value(tmp_path, X, *rows), [-0.25, 1.125])
    np.testing.assert_allclose(value(tmp_path, X, {"kind": "reduce_max", "axes": [0], "keep": True}), [2.0])
    both = ({"kind": "constant", "values": "b", "name": "c"}, {"kind": "concat", "from": ["c", "input"]})
    np.testing.assert_allclose(value(tmp_path, X, *both), [*B, *X])
    np.testing.assert_allclose(value(tmp_path, X, {"kind": "scale"}), X)


def refused(tmp_path, *layers, shape=(4,)):
    with pytest.raises(ImportRefused) as refusal:
        network(tmp_path, *layers, shape=shape)
    return str(refusal.value)


def test_what_is_wrong_with_a_record_is_said(tmp_path):
    assert "layer 1 (sigmoid): its kind is 'sigmoid'" in refused(tmp_path, {"kind": "sigmoid"})
    assert "layer 1 (None): its kind is None" in refused(tmp_path, {})
    assert "its record has no `weight`" in refused(tmp_path, {"kind": "dense"})
    assert "the tensor 'u', which the file does not hold" in refused(tmp_path, {"kind": "dense", "weight": "u"})
    assert "nothing is known of `slope` in a relu" in refused(tmp_path, {"kind": "relu", "slope": 1})
    assert "its slope is 'x'" in refused(tmp_path, {"kind": "leaky_relu", "slope": "x"})
    assert "its slope is true" in refused(tmp_path, {"kind": "leaky_relu", "slope": True}).lower()
    assert "comes from ['later']" in refused(tmp_path, DENSE | {"from": "later"})
    assert "comes from [3]" in refused(tmp_path, DENSE | {"from": [3]})
    assert "not a word of its own" in refused(tmp_path, DENSE | {"name": "input"})
    assert "not a word of its own" in refused(tmp_path, DENSE | {"name": ["x"]})
    assert "takes 4 inputs, but gets 5" in refused(tmp_path, DENSE, shape=(5,))
    assert "applied to 2 tensors" in refused(tmp_path, DENSE | {"from": ["input", "input"]})
    assert "weight has 4 axes" in refused(tmp_path, {"kind": "conv1d", "weight": "k2"}, shape=(1, 4))
    assert "nothing is known of `how`" in refused(tmp_path, {"kind": "max_pool", "how": "mean", "kernel": [2]})
    assert "padding mode `odd`" in refused(tmp_path, {"kind": "pad", "amounts": [[1, 1]], "mode": "odd"})
    assert "its kernel is [0.5]" in refused(tmp_path, {"kind": "max_pool", "kernel": [0.5]}, shape=(1, 4))
    assert "leave nothing between" in refused(tmp_path, {"kind": "clip", "lower": 1, "upper": 0})


@pytest.mark.parametrize(
    "record", ["nonsense", "{}", "[]", "[1]", '[{"kind": "relu"}]', '[{"kind": "input"}]', "[" * 9999]
)
def test_records_that_are_no_lists_of_layers_are_refused(tmp_path, record):
    with pytest.raises(ImportRefused, match="its record"):
        load(save(tmp_path / "net.safetensors", record), "net")


def test_a_file_of_weights_alone_is_refused_with_advice(tmp_path):
    numpy_files.save_file(TENSORS, tmp_path / "net.safetensors")
    with pytest.raises(ImportRefused, match="no record of the layers") as refusal:
        load(tmp_path / "net.safetensors", "net")
    assert "save_safetensors" in refusal.value.advice


def test_bfloat16_weights_are_exact_or_refused_with_advice(tmp_path):
    torch = pytest.importorskip("torch")
    pytest.importorskip("ml_dtypes")
    files = pytest.importorskip("safetensors.torch")
    path = tmp_path / "net.safetensors"
    record = [{"kind": "input", "shape": [4]}, {"kind": "dense", "weight": "w"}]
    weight = torch.tensor(W).to(torch.bfloat16)
    files.save_file({"w": weight}, path, metadata={"preimage": json.dumps(record)})
    np.testing.assert_allclose(load(path, "net").graph.evaluate(X), weight.double().numpy() @ X, rtol=1e-14)
    program = f"""
import sys
sys.modules["ml_dtypes"] = None
from preimage.networks import ImportRefused, load
try:
    load({str(path)!r}, "net")
except ImportRefused as refusal:
    print(refusal)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "bfloat16" in done.stdout
    assert "pip install ml_dtypes" in done.stdout


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["w", "b", "k1", "i", "max", "input", "é"]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
FIELDS = ["weight", "bias", "kernel", "stride", "padding", "axis", "axes", "shape", "slope", "lower", "indices", "from"]


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(KINDS)), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5), st.sampled_from([4, 3])
)
def test_any_record_is_read_or_refused(tmp_path_factory, kind, fields, extent):
    path = tmp_path_factory.mktemp("records") / "net.safetensors"
    record = [{"kind": "input", "shape": [1, extent]}, {"kind": kind} | fields]
    with suppress(ImportRefused):
        assert load(save(path, record), "net").agreement <= 1e-5


def test_every_kind_of_layer_is_saved_and_read_again(tmp_path):
    torch = pytest.importorskip("torch")
    nn = torch.nn

    class Every(nn.Module):
        def __init__(self):
            super().__init__()
            self.entry = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.LeakyReLU(0.2), nn.Unflatten(1, (2, 4)))
            self.windows = nn.Sequential(
                nn.Conv1d(2, 4, 3, padding=1), nn.PReLU(4), nn.ConvTranspose1d(4, 2, 2, stride=2)
            )
            self.pools = nn.Sequential(
                nn.MaxPool1d(2), nn.ReLU6(), nn.AvgPool1d(2, padding=1, ceil_mode=True), nn.Hardtanh()
            )

        def forward(self, x):
            h = self.pools(self.windows(self.entry(x)))
            g = torch.cat([h, torch.maximum(h, -h)[:, [1, 0]]], dim=1).transpose(1, 2).abs()
            g = nn.functional.pad(g, (1, 0), value=0.5) / 3
            k = torch.cat([g.sum(2), g.amax(1), g.mean(1), torch.ones(1, 2, dtype=x.dtype)], dim=1)
            return k + torch.relu(k)

    torch.manual_seed(1)
    module = Every()
    module.input_shape = (6,)
    path = tmp_path / "net.safetensors"
    saved = save_safetensors(module, path)
    again = load(path, "net")
    assert again.digest == saved.digest == load(module, "net").digest
    assert again.summary == saved.summary
    assert again.agreement < 1e-13


def test_saving_keeps_float32_weights_in_float32(tmp_path):
    held = [np.ones((200, 10), np.float32) / 3, np.zeros(200, np.float32), np.ones((1, 200)) / 3, np.zeros(1)]
    save_safetensors(held, tmp_path / "net.safetensors")
    saved = numpy_files.load_file(tmp_path / "net.safetensors")
    assert {tensor.dtype.name for tensor in saved.values()} == {"float32", "float64"}
    assert load(tmp_path / "net.safetensors", "net").digest == load(held, "net").digest


def test_what_cannot_be_saved_is_refused(tmp_path):
    with pytest.raises(ImportRefused, match="not a network"):
        save_safetensors(3, tmp_path / "net.safetensors")
    assert not (tmp_path / "net.safetensors").exists()
