"""Training in numpy: right gradients, a fit, and the same network again."""

from pathlib import Path

import numpy as np

from preimage.applications.training import _gradients, train


def test_gradients_by_central_differences() -> None:
    random = np.random.default_rng(0)
    sizes = [(5, 3), (4, 5), (2, 4)]
    parameters = [random.normal(size=s) for s in sizes] + [random.normal(size=s[0]) for s in sizes]
    x, wanted = random.normal(size=(7, 3)), random.normal(size=(7, 2))

    def loss() -> float:
        h = x
        for i in range(3):
            h = h @ parameters[i].T + parameters[3 + i]
            h = np.maximum(h, 0) if i < 2 else h
        return float(np.mean((h - wanted) ** 2))

    for parameter, gradient in zip(parameters, _gradients(parameters, x, wanted), strict=True):
        for index in np.ndindex(parameter.shape):
            kept = parameter[index]
            parameter[index] = kept + 1e-6
            above = loss()
            parameter[index] = kept - 1e-6
            below = loss()
            parameter[index] = kept
            assert abs((above - below) / 2e-6 - gradient[index]) < 1e-7


def test_fits_a_piecewise_linear_function_in_its_own_units() -> None:
    x = np.random.default_rng(1).random((2000, 2))
    y = np.stack([300 + 100 * np.abs(x[:, 0] - x[:, 1]), 0.01 * np.minimum(x[:, 0], x[:, 1])], axis=1)
    network = train(x[:1800], y[:1800], (16, 16), epochs=60, seed=0)
    error = np.abs(network(x[1800:]) - y[1800:]).mean(axis=0)
    assert np.all(error < 0.03 * y.std(axis=0))


def test_the_same_seed_gives_the_same_network(tmp_path: Path) -> None:
    x = np.random.default_rng(2).random((100, 3))

    def saved(name: str, seed: int) -> dict[str, np.ndarray]:
        train(x, x**2, (8,), epochs=3, seed=seed).save(tmp_path / name)
        return dict(np.load(tmp_path / name))

    first, again, other = saved("first.npz", 4), saved("again.npz", 4), saved("other.npz", 5)
    assert list(first) == ["W1", "b1", "W2", "b2"]
    assert first["W1"].shape == (8, 3)
    for name, values in first.items():
        np.testing.assert_array_equal(values, again[name])
    assert not np.array_equal(first["W1"], other["W1"])


def test_an_output_that_never_changes_is_learnt_as_it_is() -> None:
    x = np.random.default_rng(3).random((500, 2))
    network = train(x, np.stack([x[:, 0], np.full(500, 7.0)], axis=1), (8,), epochs=60, seed=0)
    np.testing.assert_allclose(network(x)[:, 1], 7.0, atol=0.05)
