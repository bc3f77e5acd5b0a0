"""The conformance suite of ONNX: what is taken over gives what the suite expects, everything else is refused."""

import warnings

import numpy as np
import pytest

from preimage.networks import ImportRefused, load

onnx = pytest.importorskip("onnx")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def cases():
    """Models of the suite with their first input, all other inputs made constants, and the expected output."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        suite = collect_testcases(None)
    for case in suite:
        inputs, outputs = case.data_sets[0]
        if not inputs or not all(isinstance(part, np.ndarray) for part in (*inputs, outputs[0])):
            continue
        if inputs[0].dtype.kind != "f" or inputs[0].size > 5000 or len(case.model.graph.node) > 30:
            continue
        model = onnx.ModelProto()
        model.CopyFrom(case.model)
        names = [entry.name for entry in model.graph.input]
        for name, constant in zip(names[1:], inputs[1:], strict=True):
            model.graph.initializer.append(onnx.numpy_helper.from_array(constant, name))
        yield case.name, model, inputs[0], outputs[0]


def test_the_conformance_suite_is_met_or_refused():
    accepted = set()
    for name, model, first, expected in cases():
        try:
            network = load(model, name)
        except ImportRefused:
            continue
        got = network.graph.evaluate(first.ravel().astype(np.float64))
        wanted = expected.ravel().astype(np.float64)
        np.testing.assert_allclose(got, wanted, rtol=1e-3, atol=1e-5, err_msg=name)
        accepted.add(name)
    assert len(accepted) >= 200
    assert {"test_gemm_all_attributes", "test_basic_conv_with_padding", "test_convtranspose_dilations"} <= accepted
