"""Networks as arrays: files and live objects."""

import io
import zipfile

import numpy as np
import pytest

from preimage.networks import ImportRefused, load


def arrays(*widths, seed=0):
    """W1, b1, … of a network with these widths, in float32."""
    generator = np.random.default_rng(seed)
    shapes = list(zip(widths[1:], widths[:-1], strict=True))
    weights = {f"W{k}": generator.normal(size=shape).astype(np.float32) for k, shape in enumerate(shapes, start=1)}
    biases = {f"b{k}": generator.normal(size=rows).astype(np.float32) for k, (rows, _) in enumerate(shapes, start=1)}
    return weights | biases


def by_hand(held, x):
    count = len(held) // 2
    for k in range(1, count + 1):
        x = held[f"W{k}"].astype(np.float64) @ x + held[f"b{k}"]
        x = np.maximum(x, 0) if k < count else x
    return x


def test_a_file_is_read_exactly(tmp_path):
    held = arrays(4, 7, 6, 3)
    np.savez(tmp_path / "net.npz", **held)
    network = load(tmp_path / "net.npz", "net")
    x = np.random.default_rng(1).normal(size=4)
    np.testing.assert_allclose(network.graph.evaluate(x), by_hand(held, x), rtol=1e-14)
    assert (network.input_size, network.output_size) == (4, 3)
    assert network.summary == "4 → 7 → 6 → 3, 13 ReLU"
    assert network.origin == "net.npz"
    assert network.agreement < 1e-14


def test_the_digest_is_of_what_the_network_computes(tmp_path):
    held = arrays(3, 4, 1)
    np.savez(tmp_path / "net.npz", **held)
    np.savez_compressed(tmp_path / "other.npz", **held)
    digest = load(tmp_path / "net.npz", "net").digest
    assert digest == load(tmp_path / "other.npz", "net").digest == load(held, "net").digest
    held["b2"] = np.nextafter(held["b2"], np.float32(9))
    assert digest != load(held, "net").digest


def test_live_arrays_come_as_mapping_list_or_pairs():
    held = arrays(3, 4, 2)
    flat = [held[name] for name in ("W1", "b1", "W2", "b2")]
    pairs = [(flat[0], flat[1]), (flat[2], flat[3])]
    digests = {load(source, "net").digest for source in (held, flat, tuple(flat), pairs, [a.tolist() for a in flat])}
    assert len(digests) == 1
    assert load(held, "print").origin == "the object `print`"


def test_a_network_stays_itself():
    network = load(arrays(3, 2), "net")
    assert load(network, "again") is network
    assert network.summary == "3 → 2, affine"


def test_long_runs_of_equal_widths_are_summed_up():
    assert load(arrays(4, 5, 5, 5, 5, 2), "net").summary == "4 → 5×4 → 2, 20 ReLU"


@pytest.mark.parametrize("name", ["ink4-printer", "ink8-printer", "shells4"])
def test_published_networks_are_read(data, name):
    path = data / "networks" / f"{name}.npz"
    if not path.is_file():
        pytest.skip(f"{path} is missing")
    network = load(path, name)
    with np.load(path) as held:
        x = np.random.default_rng(2).uniform(size=network.input_size)
        np.testing.assert_allclose(network.graph.evaluate(x), by_hand(dict(held), x), rtol=1e-11)
    assert network.agreement < 1e-12


def refused(source):
    with pytest.raises(ImportRefused) as refusal:
        load(source, "net")
    assert refusal.value.reason
    return str(refusal.value)


def test_what_is_wrong_with_arrays_is_said():
    held = arrays(3, 4, 2)
    assert "no array `W1`" in refused({})
    assert "no array `b2`" in refused({name: value for name, value in held.items() if name != "b2"})
    assert "nothing is known of the array `mean`" in refused(held | {"mean": np.zeros(3)})
    assert "takes 5 inputs, but the layer before gives 4" in refused(held | {"W2": np.ones((2, 5))})
    assert "save the transpose of `W2`" in refused(held | {"W2": np.ones((4, 2)), "b2": np.ones(4)})
    assert "`W1` is 4 × 3 and `b1` is 3" in refused(held | {"b1": np.ones(3)})
    assert "layer 2 (W2, b2): its weight holds NaN entries" in refused(held | {"W2": held["W2"] * np.nan})
    assert "its bias holds infinite entries" in refused(held | {"b1": np.full(4, np.inf)})
    assert "holds complex128" in refused(held | {"b1": np.ones(4) * 1j})
    assert "holds object" in refused(held | {"b1": np.array([None] * 4)})
    assert "not an array" in refused([[[1.0], [1.0, 2.0]], [1.0]])
    assert "3 arrays do not pair up" in refused([1, 2, 3])
    assert "0 arrays do not pair up" in refused([])
    assert "holds no entry" in refused([np.ones((0, 3)), np.ones(0)])
    linear = [np.full((2, 2), 1e200), np.zeros(2), np.full((1, 2), 1e200), np.zeros(1)]
    assert "overflows" in refused(linear)
    assert "overflows" in refused([np.full((2, 2), 1e308), np.zeros(2), np.full((1, 2), 1e308), np.zeros(1)])


def archive(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return buffer.getvalue()


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def test_pickled_objects_are_never_read(tmp_path):
    path = tmp_path / "net.npz"
    path.write_bytes(archive(**{"W1.npy": npy(np.array([print], dtype=object))}))
    assert "holds object, not numbers" in refused(path)


def test_declared_sizes_are_not_believed(tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    honest = npy(np.ones((2, 2)))
    path.write_bytes(archive(**{"W1.npy": honest.replace(b"(2, 2)", b"(9999999999, 2)", 1)}))
    assert "cannot be read" in refused(path)
    huge = honest.replace(b"(2, 2), }                ", b"(99999999, 99999999), }  ", 1)
    assert huge != honest
    path.write_bytes(archive(**{"W1.npy": huge, "b1.npy": npy(np.ones(2))}))
    assert "declares 9999999800000001 entries and holds 4" in refused(path)
    monkeypatch.setattr("preimage.networks.array_source.LARGEST_FILE", 1000)
    path.write_bytes(archive(**{"W1.npy": bytes(1001)}))
    assert "take more than" in refused(path)


def test_a_column_order_is_followed(tmp_path):
    held = arrays(3, 4, 2)
    np.savez(tmp_path / "net.npz", **held)
    np.savez(tmp_path / "columns.npz", **{name: np.asfortranarray(value) for name, value in held.items()})
    assert load(tmp_path / "net.npz", "net").digest == load(tmp_path / "columns.npz", "net").digest
