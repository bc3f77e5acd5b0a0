"""The worked programs of the reference and small data for them."""

from pathlib import Path

import numpy as np

PROGRAMS = {
    "duotone": """\
# which two of 44 inks reproduce six spectra?
network print from "ink44.npz"
targets spectrum from "six-spectra.csv"
input inks[44] in 0..1 per target
select 2 of inks
minimise L1(print(inks), spectrum)
""",
    "shells": """\
# a core-shell particle that scatters like this
network scatter from "shells.npz"
target  wanted from "spectrum.csv"
integer x[4] in 3..7
let thickness = 10*x                     # nm
minimise L1(scatter(thickness/70), wanted)
""",
    "contoning": """\
network stack from "contoning.npz"
target  colour from "patches.csv"
integer layers[11] in 0..30
require sum(layers) == 30
minimise L1(stack(layers), colour)
""",
    "snake": """\
# reach a point, go round an obstacle
network body from "snake.npz"
param   mesh from "rest-pose.csv"        # 103 x 2
param   exposed from "boundary.csv"      # indices of the vertices at the skin
param   r = 0.9
param   o = (2.0, 4.5)
target  goal from "goals.csv"
input   stretch[40] in -0.2..0.2
let     pose = mesh + reshape(body(stretch), 103, 2)
smooth  stretch[0:20] within 0.2
smooth  stretch[20:40] within 0.2
avoid   L1(p, o) >= r*sqrt2 for p in pose[exposed]
minimise L1(pose[61], goal)
""",
    "worst": """\
# how far can the spectrum drift if every length is off by 0.1 %?
network meta from "metasurface.onnx"
param   design from "candidate.csv"
input   x[8] in design - 1e-3 .. design + 1e-3
maximise L1(meta(x), meta(design))
""",
}


def _network(*sizes: int, seed: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    arrays: dict[str, np.ndarray] = {}
    for layer, inputs in enumerate(sizes[:-1], start=1):
        arrays[f"W{layer}"] = generator.normal(size=(sizes[layer], inputs)) / np.sqrt(inputs)
        arrays[f"b{layer}"] = generator.normal(size=sizes[layer]) / 8
    return arrays


def _onnx(path: Path, arrays: dict[str, np.ndarray]) -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    single = {name: array.astype(np.float32) for name, array in arrays.items()}
    nodes = [
        helper.make_node("Gemm", ["x", "W1", "b1"], ["h"], transB=1),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("Gemm", ["r", "W2", "b2"], ["y"], transB=1),
    ]
    inputs, outputs = single["W1"].shape[1], single["W2"].shape[0]
    graph = helper.make_graph(
        nodes,
        "metasurface",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, inputs])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, outputs])],
        [numpy_helper.from_array(array, name) for name, array in single.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)


def write_data(folder: Path) -> None:
    """Write small networks and tables under the names that the worked programs use."""
    generator = np.random.default_rng(7)

    def table(name: str, *shape: int, low: float = 0.0, high: float = 1.0) -> None:
        np.savetxt(folder / name, generator.uniform(low, high, shape), delimiter=",")

    np.savez(folder / "ink44.npz", **_network(44, 12, 31, seed=1))
    np.savez(folder / "shells.npz", **_network(4, 10, 21, seed=2))
    np.savez(folder / "contoning.npz", **_network(11, 10, 3, seed=3))
    np.savez(folder / "snake.npz", **_network(40, 12, 206, seed=4))
    _onnx(folder / "metasurface.onnx", _network(8, 16, 5, seed=5))
    table("six-spectra.csv", 6, 31)
    table("spectrum.csv", 1, 21)
    table("patches.csv", 4, 3)
    table("rest-pose.csv", 103, 2, high=3.0)
    np.savetxt(folder / "boundary.csv", np.arange(0, 103, 5), fmt="%d")
    table("goals.csv", 5, 2)
    table("candidate.csv", 1, 8)
