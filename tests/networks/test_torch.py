"""Modules of torch, alive and as .pt2 files, each compared here once more with torch."""

from math import prod

import numpy as np
import pytest

from preimage.networks import ImportRefused, load

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402


class Function(nn.Module):
    """A module of one function, with parameters as attributes."""

    def __init__(self, function, **tensors):
        super().__init__()
        self.function = function
        for name, tensor in tensors.items():
            self.register_buffer(name, tensor)

    def forward(self, x):
        return self.function(self, x)


def randomise(module, seed=0):
    """Give the statistics of batch norms something to do."""
    torch.manual_seed(seed)
    for part in module.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm):
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2.0)
            part.weight.data.normal_()
            part.bias.data.normal_()
    return module


def agrees(module, shape, network=None):
    """Import a module and compare it with torch on points of our own."""
    network = network or load((module, shape), "tested")
    points = np.random.default_rng(5).normal(size=(20, network.input_size))
    exact = module.eval().double()
    with torch.no_grad():
        expected = np.stack([exact(torch.tensor(p).reshape(1, *shape)).numpy().ravel() for p in points])
    assert network.output_size == expected.shape[1]
    np.testing.assert_allclose(network.graph.evaluate(points), expected, rtol=0, atol=1e-12 * np.abs(expected).max())
    assert network.agreement <= 1e-11
    return network


def function(body, **tensors):
    return Function(body, **tensors)


LAYERS = {
    "linear": (nn.Linear(4, 3), (4,)),
    "linear without bias": (nn.Linear(4, 3, bias=False), (4,)),
    "linear on rows": (nn.Linear(4, 3), (2, 4)),
    "batch norm 1-D": (nn.BatchNorm1d(4), (4,)),
    "batch norm 1-D of channels": (nn.BatchNorm1d(2), (2, 5)),
    "batch norm 2-D": (nn.BatchNorm2d(2), (2, 4, 3)),
    "relu": (nn.ReLU(), (4,)),
    "relu in place": (nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True)), (4,)),
    "leaky relu": (nn.LeakyReLU(0.3), (4,)),
    "prelu": (nn.PReLU(), (4,)),
    "prelu of channels": (nn.PReLU(2, init=0.4), (2, 3)),
    "rrelu": (nn.RReLU(), (4,)),
    "hard tanh": (nn.Hardtanh(-0.5, 0.8), (4,)),
    "relu6": (nn.ReLU6(), (4,)),
    "hard sigmoid": (nn.Hardsigmoid(), (4,)),
    "conv 1-D": (nn.Conv1d(2, 3, 3, stride=2, padding=2, dilation=2), (2, 9)),
    "conv 1-D same": (nn.Conv1d(2, 3, 5, padding="same", dilation=2), (2, 9)),
    "conv 1-D circular": (nn.Conv1d(2, 3, 3, padding=1, padding_mode="circular"), (2, 6)),
    "conv 2-D": (nn.Conv2d(2, 4, (3, 2), stride=(1, 2), padding=(1, 0), groups=2), (2, 5, 6)),
    "conv 2-D reflecting": (nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"), (2, 4, 4)),
    "transposed conv 1-D": (nn.ConvTranspose1d(2, 3, 4, stride=3, padding=1, output_padding=2), (2, 5)),
    "transposed conv 2-D": (nn.ConvTranspose2d(4, 2, 3, stride=2, groups=2, dilation=2, bias=False), (4, 3, 2)),
    "max pool 1-D": (nn.MaxPool1d(3, stride=2, padding=1, ceil_mode=True), (2, 8)),
    "max pool 2-D": (nn.MaxPool2d(2, dilation=2), (2, 5, 6)),
    "average pool 1-D": (nn.AvgPool1d(3, stride=2, padding=1, ceil_mode=True), (2, 8)),
    "average pool 2-D": (nn.AvgPool2d(3, padding=1, count_include_pad=False), (2, 5, 6)),
    "average pool divided": (nn.AvgPool2d(2, divisor_override=3), (2, 4, 4)),
    "adaptive average": (nn.AdaptiveAvgPool2d((2, 1)), (2, 4, 3)),
    "adaptive maximum": (nn.AdaptiveMaxPool1d(2), (2, 6)),
    "flatten": (nn.Flatten(), (2, 3)),
    "unflatten": (nn.Unflatten(1, (2, -1)), (6,)),
    "dropout": (nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 2)), (4,)),
    "padding layer": (nn.ReplicationPad1d((1, 2)), (2, 3)),
    "reflection layer": (nn.ReflectionPad2d((1, 0, 2, 1)), (1, 4, 4)),
    "constant padding": (nn.ConstantPad1d((2, -1), 0.7), (2, 3)),
    "weight norm": (nn.utils.parametrizations.weight_norm(nn.Linear(4, 3)), (4,)),
}

FUNCTIONS = {
    "abs": (lambda s, x: x.abs(), (4,)),
    "clamp": (lambda s, x: x.clamp(-0.2, 0.5), (4,)),
    "clamp below": (lambda s, x: x.clamp(min=0.1), (4,)),
    "clamp above by a tensor": (lambda s, x: torch.clamp(x, max=s.c), (4,)),
    "residual": (lambda s, x: x + functional.relu(x @ s.w), (4,)),
    "scalers": (lambda s, x: ((x - s.c) / s.d) * 3 + 1, (4,)),
    "subtraction": (lambda s, x: 1 - torch.sub(x, s.c, alpha=2), (4,)),
    "negation": (lambda s, x: -x, (4,)),
    "maximum": (lambda s, x: torch.maximum(x, 0.1 * x), (4,)),
    "minimum with a constant": (lambda s, x: torch.minimum(x, s.c), (4,)),
    "largest of all": (lambda s, x: x.max().reshape(1, 1), (4,)),
    "largest along an axis": (lambda s, x: x.max(dim=1).values, (4,)),
    "amin": (lambda s, x: x.amin(dim=(1, 2)), (2, 3)),
    "sum": (lambda s, x: x.sum(dim=2, keepdim=True), (2, 3)),
    "mean": (lambda s, x: x.mean().reshape(1), (2, 3)),
    "concatenate": (lambda s, x: torch.cat([x, functional.relu(x), s.c[None]], dim=1), (4,)),
    "stack": (lambda s, x: torch.stack([x, -x], dim=1), (4,)),
    "slices": (lambda s, x: x[:, 1::2] + x[:, :2], (4,)),
    "select": (lambda s, x: x[:, -1], (4,)),
    "index list": (lambda s, x: x[:, [2, 0, 2]], (4,)),
    "mask": (lambda s, x: x[:, s.c > 0], (4,)),
    "index select": (lambda s, x: torch.index_select(x, 1, torch.tensor([3, 1])), (4,)),
    "split": (lambda s, x: torch.cat(x.split([1, 3], dim=1)[::-1], dim=1), (4,)),
    "chunk": (lambda s, x: torch.cat(x.chunk(3, dim=1)[::-1], dim=1), (4,)),
    "unbind": (lambda s, x: x.unbind(1)[2], (4,)),
    "flip": (lambda s, x: x.flip(1), (4,)),
    "repeat": (lambda s, x: x.repeat(2, 3), (4,)),
    "expand": (lambda s, x: x.unsqueeze(1).expand(-1, 3, -1), (4,)),
    "transpose": (lambda s, x: x.transpose(1, 2), (2, 3)),
    "permute": (lambda s, x: x.permute(0, 2, 1).reshape(1, -1), (2, 3)),
    "movedim": (lambda s, x: x.movedim(1, 3), (2, 3, 4)),
    "squeeze": (lambda s, x: x.squeeze(1), (1, 3)),
    "matrix from the left": (lambda s, x: s.w @ x, (4, 3)),
    "matrix and vector": (lambda s, x: x @ s.c, (4,)),
    "addmm": (lambda s, x: torch.addmm(s.c, x, s.w, beta=0.5, alpha=2.0), (4,)),
    "rows": (lambda s, x: x.view(x.shape[0], -1) * x.shape[1], (2, 3)),
    "padding": (lambda s, x: functional.pad(x, (1, 2), value=0.3), (4,)),
    "cast": (lambda s, x: x.to(torch.float64) * 2, (4,)),
    "in place": (lambda s, x: x.clone().mul_(2).add_(1), (4,)),
}
CONSTANTS = {"c": torch.tensor([0.3, -0.2, 0.7, 1.1]), "d": torch.tensor([0.5, 2.0, 3.0, 0.25]), "w": torch.randn(4, 4)}


def exported(module, shape, path, **options):
    program = torch.export.export(module.eval(), (torch.zeros(2 if options else 1, *shape),), **options)
    torch.export.save(program, path)
    return path


class SideBySide(nn.Module):
    """Many modules, each on its own part of one input: following them together takes torch a fraction of the time."""

    def __init__(self, parts):
        super().__init__()
        self.parts = nn.ModuleDict({name.replace(" ", "_"): module for name, (module, _) in parts.items()})
        self.shapes = [shape for _, shape in parts.values()]
        self.input_shape = (sum(map(prod, self.shapes)),)

    def each(self, x):
        given = x.split([prod(shape) for shape in self.shapes], dim=1)
        results = (
            part(piece.reshape(1, *shape))
            for part, piece, shape in zip(self.parts.values(), given, self.shapes, strict=True)
        )
        return [result.reshape(1, -1) for result in results]

    def forward(self, x):
        return torch.cat(self.each(x), dim=1)


BODIES = {name: (function(body, **CONSTANTS), shape) for name, (body, shape) in FUNCTIONS.items()}


@pytest.mark.parametrize("parts", [LAYERS, BODIES], ids=["layers", "functions"])
def test_everything_accepted_is_taken_over_exactly(parts, tmp_path):
    module = randomise(SideBySide(parts))
    network = load(module, "tested")
    assert network.digest == load(exported(module, module.input_shape, tmp_path / "net.pt2"), "tested").digest
    exact = module.eval().double()
    points = np.random.default_rng(5).normal(size=(20, network.input_size))
    with torch.no_grad():
        expected = [[part.numpy().ravel() for part in exact.each(torch.tensor(point)[None])] for point in points]
    ends = np.cumsum([len(part) for part in expected[0]])
    got = np.split(network.graph.evaluate(points), ends[:-1], axis=1)
    for name, result, *wanted in zip(parts, got, *expected, strict=True):
        scale = np.abs(wanted).max()
        np.testing.assert_allclose(result, wanted, rtol=0, atol=1e-12 * scale, err_msg=name)
    assert network.agreement <= 1e-11


@pytest.mark.parametrize("name", ["linear", "conv 1-D", "prelu of channels", "unflatten"])
def test_layers_alone_are_taken_over_exactly(name):
    agrees(*LAYERS[name])


def metasurface():
    """The shape of a network for metasurfaces: dense layers with batch norm, then transposed convolutions."""
    hidden = [[nn.Linear(8 if k == 0 else 500, 500), nn.BatchNorm1d(500), nn.ReLU()] for k in range(4)]
    deconvolutions = [
        nn.ConvTranspose1d(1, 4, 8, 2, 3),
        nn.ConvTranspose1d(4, 4, 5, 1, 2),
        nn.ConvTranspose1d(4, 4, 5, 1, 2),
    ]
    tail = [nn.Linear(500, 150), nn.Unflatten(1, (1, 150)), *deconvolutions, nn.Conv1d(4, 1, 1), nn.Flatten()]
    return randomise(nn.Sequential(*(layer for part in hidden for layer in part), *tail))


def test_a_metasurface_network_needs_no_more_than_its_relus():
    network = agrees(metasurface(), (8,))
    assert network.summary == "8 → 500×4 → 300, 2000 ReLU"
    # Input, four dense layers with the batch norm folded in, their ReLUs, and at most two more affine nodes.
    assert network.graph.node_count <= 11


def test_the_input_shape_is_deduced_given_or_asked_for():
    dense = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 1))
    assert load(dense, "net").input_size == 5
    assert load(nn.Sequential(nn.Unflatten(1, (2, 3)), nn.Conv1d(2, 1, 2)), "net").input_size == 6
    assert load(nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 1)), "net").input_size == 3
    image = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
    with pytest.raises(ImportRefused, match="shape of its input") as refusal:
        load(image, "net")
    assert "(model, input_shape)" in refusal.value.advice
    image.input_shape = (1, 4, 5)
    assert load(image, "net").input_size == 20
    assert load((image, (1, 3, 3)), "net").output_size == 2
    with pytest.raises(ImportRefused, match="input shape is"):
        load((image, (1, 0, 3)), "net")
    with pytest.raises(ImportRefused, match="cannot follow it on an input of shape"):
        load((image, (3, 4, 5)), "net")


def test_a_module_is_left_as_it_was():
    module = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout())
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    load(module, "net")
    assert module.training
    assert all(part.training for part in module)
    assert next(module.parameters()).requires_grad
    assert next(module.parameters()).dtype == torch.float32
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())


def test_a_module_that_only_works_in_float32_is_taken_over_all_the_same():
    body = function(lambda s, x: functional.linear(x, torch.ones(2, 4, dtype=torch.float32)))
    network = load((body, (4,)), "net")
    np.testing.assert_allclose(network.graph.evaluate(np.arange(4.0)), [6.0, 6.0], rtol=1e-15)


def test_half_precision_weights_are_exact():
    module = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)).bfloat16()
    assert load(module, "net").agreement < 1e-12


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (nn.Sigmoid(), "Sigmoid"),
        (nn.Tanh(), "Tanh"),
        (nn.Softmax(1), "Softmax"),
        (nn.GELU(), "GELU"),
        (nn.ELU(), "ELU"),
    ],
)
def test_what_is_not_piecewise_linear_is_refused_by_layer_name(layer, name):
    with pytest.raises(ImportRefused) as refusal:
        load(nn.Sequential(nn.Linear(2, 2), layer, nn.Linear(2, 1)), "net")
    assert refusal.value.layer == f"1 ({name})"
    assert "leaky ReLU" in refusal.value.advice


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (lambda s, x: x * x, "multiplies two results"),
        (lambda s, x: x @ x.T, "multiplies two results"),
        (lambda s, x: 1 / x, "divides by a result|reciprocal"),
        (lambda s, x: x / torch.zeros(4, dtype=x.dtype), "by zero"),
        (lambda s, x: torch.div(x, 2, rounding_mode="floor"), "rounded"),
        (lambda s, x: functional.max_pool1d(x, 2, return_indices=True)[1].to(x.dtype), "positions of its maxima"),
        (lambda s, x: x.to(torch.int64).to(x.dtype), "cast"),
        (lambda s, x: s.c * 2, "does not depend"),
        (lambda s, x: x * float("nan"), "NaN"),
        (lambda s, x: (x, x), "outputs"),
        (lambda s, x: functional.batch_norm(x[:, None], None, None, training=True), "batch at hand"),
        (lambda s, x: torch.ones(10**6, 10**4, dtype=x.dtype).sum() + x, "over"),
        (lambda s, x: x.expand(10**9, 4), "over"),
        (lambda s, x: functional.pad(x, (10**9, 0)), "over"),
    ],
)
def test_refusals_say_what_is_wrong(body, words):
    with pytest.raises(ImportRefused, match=words):
        load((function(body, **CONSTANTS), (4,)), "net")


def test_a_diverged_network_is_refused():
    module = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
    module[0].weight.data[1, 2] = float("inf")
    with pytest.raises(ImportRefused, match="weight holds infinite entries") as refusal:
        load(module, "net")
    assert refusal.value.layer == "0 (Linear)"


@pytest.mark.parametrize("symbolic", [False, True])
def test_exported_programs_are_read_from_files(tmp_path, symbolic):
    module = nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3)
    )
    options = {"dynamic_shapes": ({0: torch.export.Dim.AUTO},)} if symbolic else {}
    path = exported(randomise(module), (1, 4, 4), tmp_path / "net.pt2", **options)
    network = agrees(module, (1, 4, 4), load(path, "net"))
    assert network.origin == "net.pt2"
    assert network.summary == "16 → 32 → 8 → 3, 32 ReLU, 8 max pool"


def test_an_exported_program_is_read_alive_also_in_core_operations():
    module = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Hardtanh(), nn.Linear(4, 2))
    program = torch.export.export(randomise(module).eval(), (torch.zeros(1, 3),))
    agrees(module, (3,), load(program.run_decompositions(), "net"))
