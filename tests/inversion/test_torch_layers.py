"""Networks of every layer kind, inverted and compared with an oracle made of torch's own layers."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from inversion.oracle import variable
from inversion.rich_problems import RichMaker
from inversion.torch_pool import NAMES, network_term, pooled
from inversion.trial import check_all

FEW = ("prelu", "hard tanh odd", "residual", "concat", "conv2d padded", "max pool", "norm first", "transposed 1d")


def agrees(name: str) -> None:
    module, shape, network = pooled(name)
    term = network_term(name, "f", variable("x", prod(shape)))
    for x in 2.0 * np.random.default_rng(3).normal(size=(20, prod(shape))):
        with torch.no_grad():
            exact = module(torch.tensor(x).reshape(1, *shape)).numpy().ravel()
        np.testing.assert_allclose(network.graph.evaluate(x), exact, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(term.value({"x": x}), exact, rtol=1e-12, atol=1e-12)


def invert(name: str, seeds: range) -> None:
    agrees(name)
    for seed in seeds:
        check_all(lambda row, seed=seed: RichMaker(seed, (name,), row).problem(), f"{name}, seed {seed}")  # type: ignore[misc]


@pytest.mark.parametrize("name", FEW)
def test_layers(name: str) -> None:
    invert(name, range(2))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_all_layers(name: str) -> None:
    invert(name, range(10, 17))
