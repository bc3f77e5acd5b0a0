"""Solve one problem by one package and print a line of JSON; run by `peers.py` in the environment of that package.

    python run_one.py PACKAGE FOLDER SECONDS GAP

The clocks run from the weights in memory to the answer: they count the building of the model, not the imports. Part of
Preimage is loaded, and its parser made, when a process first solves a problem: so it solves `FIRST_PROBLEM` before its
clock starts. What a process takes before that is reported beside the answer. The limit is one of processor time, so
that a machine that others use as well is unfair to nobody.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

FIRST_PROBLEM = """\
input x[2] in 0..1
minimise L1(net(x), (0.25, 1))
"""


@dataclass(frozen=True)
class Answer:
    """What a package found, and what it took.

    Attributes
    ----------
    design
        None without one.
    bound
        Claimed for the objective.
    seconds, processor_seconds
        From the weights in memory to the answer.
    start_up_seconds
        Of processor time, from the start of the process to the start of the clocks.
    """

    design: Any
    bound: float
    seconds: float
    processor_seconds: float
    start_up_seconds: float


@dataclass(frozen=True)
class Clock:
    """When a run began."""

    wall: float
    processor: float

    @classmethod
    def start(cls) -> Clock:
        """Begin now."""
        return cls(time.perf_counter(), time.process_time())

    def answer(self, design: Any, bound: float) -> Answer:
        """End now."""
        wall, processor = time.perf_counter() - self.wall, time.process_time() - self.processor
        return Answer(design, bound, wall, processor, start_up_seconds=self.processor)


def layers(folder: Path) -> list[tuple[Any, Any]]:
    """Return weights (outputs x inputs) and biases."""
    arrays = np.load(folder / "network.npz")
    return [(arrays[f"W{i}"], arrays[f"b{i}"]) for i in range(1, len(arrays.files) // 2 + 1)]


def pyscipopt_ml(folder: Path, limit: float, gap: float, formulation: str) -> Answer:
    """PySCIPOpt-ML on SCIP; its default formulation is "sos"."""
    from pyscipopt import Model, quicksum
    from pyscipopt_ml.add_predictor import add_predictor_constr
    from sklearn.neural_network import MLPRegressor

    weights, target = layers(folder), np.loadtxt(folder / "target.csv", delimiter=",")
    hidden = tuple(len(bias) for _, bias in weights[:-1])
    regressor = MLPRegressor(hidden_layer_sizes=hidden)
    sizes = len(weights[0][0][0]), len(target)
    regressor.partial_fit(np.zeros((2, sizes[0])), np.zeros((2, sizes[1])))
    regressor.coefs_ = [weight.T for weight, _ in weights]
    regressor.intercepts_ = [bias for _, bias in weights]

    clock = Clock.start()
    model = Model()
    model.hideOutput()
    x = np.array([[model.addVar(lb=0, ub=1) for _ in range(sizes[0])]])
    y = np.array([[model.addVar(lb=None, ub=None) for _ in range(sizes[1])]])
    add_predictor_constr(model, regressor, x, y, formulation=formulation)
    error = [model.addVar(lb=0) for _ in target]
    for e, output, wanted in zip(error, y[0], target, strict=True):
        model.addCons(e >= output - wanted)
        model.addCons(e >= wanted - output)
    model.setObjective(quicksum(error))
    return scip(model, list(x[0]), clock, limit, gap)


def omlt(folder: Path, limit: float, gap: float) -> Answer:
    """OMLT's big-M formulation in Pyomo, handed to SCIP as an .nl file."""
    import pyomo.environ as pyo
    from omlt import OmltBlock
    from omlt.neuralnet import NetworkDefinition, ReluBigMFormulation
    from omlt.neuralnet.layer import DenseLayer, InputLayer
    from pyscipopt import Model

    weights, target = layers(folder), np.loadtxt(folder / "target.csv", delimiter=",")
    clock = Clock.start()
    inputs = len(weights[0][0][0])
    definition = NetworkDefinition(scaled_input_bounds=dict.fromkeys(range(inputs), (0.0, 1.0)))
    previous = InputLayer([inputs])
    definition.add_layer(previous)
    for i, (weight, bias) in enumerate(weights):
        kind = "linear" if i == len(weights) - 1 else "relu"
        layer = DenseLayer([weight.shape[1]], [weight.shape[0]], weight.T, bias, activation=kind)
        definition.add_layer(layer)
        definition.add_edge(previous, layer)
        previous = layer
    problem = pyo.ConcreteModel()
    problem.net = OmltBlock()
    problem.net.build_formulation(ReluBigMFormulation(definition))
    problem.error = pyo.Var(range(len(target)), domain=pyo.NonNegativeReals)
    problem.above = pyo.Constraint(range(len(target)), rule=lambda m, i: m.error[i] >= m.net.outputs[i] - target[i])
    problem.below = pyo.Constraint(range(len(target)), rule=lambda m, i: m.error[i] >= target[i] - m.net.outputs[i])
    problem.objective = pyo.Objective(expr=sum(problem.error[i] for i in range(len(target))))
    with tempfile.TemporaryDirectory() as scratch:
        path = str(Path(scratch) / "problem.nl")
        problem.write(path, io_options={"symbolic_solver_labels": True})
        model = Model()
        model.hideOutput()
        model.readProblem(path)
    found = {variable.name: variable for variable in model.getVars()}
    return scip(model, [found[problem.net.inputs[i].name] for i in range(inputs)], clock, limit, gap)


def plain(folder: Path, limit: float, gap: float) -> Answer:
    """The textbook's big-M formulation, handed to SCIP: a binary a neuron, constants by interval arithmetic."""
    from pyscipopt import Model, quicksum

    weights, target = layers(folder), np.loadtxt(folder / "target.csv", delimiter=",")
    clock = Clock.start()
    model = Model()
    model.hideOutput()
    inputs = [model.addVar(lb=0, ub=1) for _ in weights[0][0][0]]
    values, low, high = inputs, np.zeros(len(inputs)), np.ones(len(inputs))
    for weight, bias in weights[:-1]:
        rising, falling = np.maximum(weight, 0.0), np.minimum(weight, 0.0)
        least, most = rising @ low + falling @ high + bias, rising @ high + falling @ low + bias
        low, high = np.maximum(least, 0.0), np.maximum(most, 0.0)
        before, values = values, [model.addVar(lb=0, ub=float(top)) for top in high]
        for row, offset, value, bottom, top in zip(weight, bias, values, np.minimum(least, 0.0), high, strict=True):
            total = quicksum(float(w) * v for w, v in zip(row, before, strict=True)) + float(offset)
            active = model.addVar(vtype="B")
            model.addCons(value >= total)
            model.addCons(value <= total - float(bottom) * (1 - active))
            model.addCons(value <= float(top) * active)
    error = [model.addVar(lb=0) for _ in target]
    for row, offset, wanted, e in zip(*weights[-1], target, error, strict=True):
        output = quicksum(float(w) * v for w, v in zip(row, values, strict=True)) + float(offset)
        model.addCons(e >= output - float(wanted))
        model.addCons(e >= float(wanted) - output)
    model.setObjective(quicksum(error))
    return scip(model, inputs, clock, limit, gap)


def scip(model: Any, inputs: list[Any], clock: Clock, limit: float, gap: float) -> Answer:
    """Run SCIP on a model for what is left of the processor time."""
    model.setParam("timing/clocktype", 1)
    model.setParam("limits/time", max(limit - (time.process_time() - clock.processor), 1.0))
    model.setParam("limits/gap", gap)
    model.optimize()
    design = [model.getVal(v) for v in inputs] if model.getNSols() else None
    return clock.answer(design, model.getDualbound())


def preimage(folder: Path, limit: float, gap: float, threads: int) -> Answer:
    """Preimage as it comes, in a process that has solved a problem before."""
    from preimage import Result, invert

    with tempfile.TemporaryDirectory() as scratch:
        network = Path(scratch) / "net.npz"
        np.savez(network, W1=np.eye(2), b1=np.zeros(2), W2=np.eye(2), b2=np.zeros(2))
        invert(f'network net from "{network.as_posix()}"\n{FIRST_PROBLEM}', threads=threads)

    clock = Clock.start()
    result = invert(folder / "problem.inv", time_limit=limit, gap=gap, threads=threads)
    assert isinstance(result, Result)
    return clock.answer(result.design.get("inks"), -np.inf if result.bound is None else result.bound)


PACKAGES: dict[str, Callable[[Path, float, float], Answer]] = {
    "PySCIPOpt-ML, SOS1": partial(pyscipopt_ml, formulation="sos"),
    "PySCIPOpt-ML, big-M": partial(pyscipopt_ml, formulation="bigm"),
    "OMLT, big-M": omlt,
    "SCIP, plain big-M": plain,
    "Preimage, 1 thread": partial(preimage, threads=1),
    "Preimage, 2 threads": partial(preimage, threads=2),
}

if __name__ == "__main__":
    package, folder, limit, gap = sys.argv[1:]
    answer = PACKAGES[package](Path(folder), float(limit), float(gap))
    design = None if answer.design is None else [float(v) for v in answer.design]
    print(json.dumps(asdict(answer) | {"design": design, "bound": float(answer.bound)}))
