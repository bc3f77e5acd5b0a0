"""Family 6: importing networks."""

from preimage.language.codes.table import Code

IMPORTS = (
    Code(
        "PRE601",
        title="a network that cannot be taken over",
        template="`{name}` cannot be imported: {reason}",
        explanation="""\
A network is taken over exactly, or not at all: its layers are piecewise linear, and on random and corner inputs it
agrees with its source to 1e-5. Read are `.npz` (arrays W1, b1, W2, b2, ... with ReLU between), `.safetensors`,
`.onnx` and `.pt2`, and from Python a `torch.nn.Module` as it stands. A layer of another kind can often be replaced
before training by one that can be taken over: ReLU for tanh, max pool for softmax pooling.""",
        wrong='network print from "mesh.csv"\ninput x in 0..1',
        right='network print from "ink44.npz"\ninput x in 0..1',
    ),
)
