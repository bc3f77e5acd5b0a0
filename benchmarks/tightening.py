"""What each step of tightening buys, and what a known design buys: undecided neurons, widths and seconds, as Markdown.

    python benchmarks/tightening.py [--only layers|cutoff] [--time-per-unit SECONDS] [--limit SECONDS] [--threads N]

Networks are made when they are first asked for and kept in ``benchmarks/.cache``; a published one that is not in the
folder PREIMAGE_DATA, or else in ``../shared/data``, is left out.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from cases import Missing, deep, ink_selection
from cases.case import CACHE, kept, published_network
from peers import processor

import preimage
from preimage._core import Bounds
from preimage.applications.inks import WAVELENGTHS
from preimage.applications.training import Array
from preimage.bounds.cutoff import tighten_by_cutoff
from preimage.bounds.layerwise import tighten_layers
from preimage.bounds.record import LayerBounds
from preimage.bounds.subject import subject_of
from preimage.engines.scip_model import build_scip
from preimage.problem import Inversion, compile_problem

STEPS = ("interval", "crown", "slopes", "lp", "milp")
SLACK = 1e-6
TEXT = 'network print from "{network}"\nparam wanted\n{inputs}\nminimise L1(print(inks), wanted)\n'


def four_inks() -> Path:
    """Return a network of 4 inputs and four layers of a hundred neurons."""
    hidden = (100,) * 4
    folder = CACHE / "networks" / f"print-4-{'-'.join(map(str, hidden))}"
    return kept(folder, partial(deep.write_network, inks=4, hidden=hidden)) / "network.npz"


def many_inks() -> Path:
    """Return a network of 44 inputs and two layers of fifty neurons."""
    return kept(CACHE / "networks" / "inks44", ink_selection.write_network) / "network.npz"


NETWORKS: dict[str, tuple[Callable[[], Path], str]] = {
    "4 → 100×4, published": (lambda: published_network("ink4-printer.npz"), "input inks[4] in 0..1"),
    "4 → 100×4": (four_inks, "input inks[4] in 0..1"),
    "44 → 50×2": (many_inks, "input inks[44] in 0..1"),
    "44 → 50×2, 2 of 44": (many_inks, "input inks[44] in 0..1\nselect 2 of inks"),
    "44 → 50×2, sum 1": (many_inks, "input inks[44] in 0..1\nrequire sum(inks) == 1"),
}


def targets() -> dict[str, Array]:
    """Return spectra that can almost be met, and some that are far off."""
    band = WAVELENGTHS
    return {
        "dark": np.full(31, 0.01),
        "bright": np.full(31, 0.99),
        "grey": np.full(31, 0.5),
        "saturated": np.where((band >= 500) & (band <= 560), 0.85, 0.03),
        "step": np.where(band >= 590, 0.9, 0.05),
        "edge": np.where((band < 450) | (band > 650), 0.8, 0.1),
    }


def inversion(network: Path, inputs: str, wanted: Array) -> Inversion:
    """Return the problem of a network and a target."""
    text = TEXT.format(network=network, inputs=inputs)
    return compile_problem(preimage.check(text, {"wanted": wanted}))


def layers(seconds: float, threads: int) -> Iterator[str]:
    """Yield the table of Algorithm 1."""
    yield "| network | layer | neurons | " + " | ".join(f"{name}: open, width, s" for name in STEPS) + " |"
    yield "|---" * (3 + len(STEPS)) + "|"
    for name, (network, inputs) in NETWORKS.items():
        try:
            of = subject_of(inversion(network(), inputs, np.zeros(31)))
        except Missing:
            continue
        begun = time.process_time(), time.perf_counter()
        found = tighten_layers(of, time_per_unit=seconds, threads=threads)
        spent = time.process_time() - begun[0], time.perf_counter() - begun[1]
        for layer in found.layers:
            yield f"| {name} | {layer.name} | {layer.lower.size} | " + " | ".join(cells(layer)) + " |"
        took = {step: sum(s.seconds for layer in found.layers for s in layer.steps if s.name == step) for step in STEPS}
        until_lp = sum(took[step] for step in STEPS[:-1])
        yield (
            f"| {name} | all | {found.units} | {found.undecided} left | | | to lp {until_lp:.1f} s "
            f"| milp {took['milp']:.0f} s; processor {spent[0]:.0f} s, wall {spent[1]:.0f} s |"
        )


def cells(layer: LayerBounds) -> Iterator[str]:
    """Yield what each step left of a layer."""
    steps = {step.name: step for step in layer.steps}
    for name in STEPS:
        step = steps.get(name)
        yield f"{step.undecided}, {step.width:.3g}, {step.seconds:.1f}" if step else ""


def cutoff(limit: float, threads: int) -> Iterator[str]:
    """Yield the table of SCIP with and without bounds of what is better, both from the same design."""
    columns = ("target", "design", "lines: open, z1, z2", "cutoff: open, z1, z2", "its s", "its bound")
    yield "| " + " | ".join((*columns, "SCIP alone: gap, nodes, s", "SCIP within the cutoff: gap, nodes, s")) + " |"
    yield "|---" * (len(columns) + 2) + "|"
    for name, wanted in targets().items():
        problem = inversion(many_inks(), "input inks[44] in 0..1", wanted)
        result = preimage.invert(problem.problem, method="adjoint", time_limit=3.0, threads=threads)
        assert isinstance(result, preimage.Result)
        assert result.objective is not None
        x, best = problem.vector(result.design), result.objective
        plain = problem.model.bounds()
        begun = time.process_time()
        left = tighten_by_cutoff(problem, plain, best * (1 + SLACK), threads=threads).bounds
        spent = time.process_time() - begun
        if left is None:
            yield f"| {name} | {best:.6g} | | nothing is left | {spent:.1f} | | | |"
            continue
        proved = float(left.lower(problem.graph.output)[0])
        row = [name, f"{best:.6g}", widths(problem, plain), widths(problem, left), f"{spent:.1f}", f"{proved:.6g}"]
        row += [scip(problem, bounds, plain, x, limit) for bounds in (plain, left)]
        yield "| " + " | ".join(row) + " |"


def widths(problem: Inversion, bounds: Bounds) -> str:
    """Return the undecided neurons, and the mean widths of both layers."""
    kinked = [layer.node for layer in subject_of(problem).layers if layer.kinked]
    undecided = sum(int(((bounds.lower(node) < 0) & (bounds.upper(node) > 0)).sum()) for node in kinked)
    mean = [f"{float(np.mean(bounds.upper(node) - bounds.lower(node))):.3g}" for node in kinked]
    return ", ".join([str(undecided), *mean])


def scip(problem: Inversion, bounds: Bounds, plain: Bounds, x: Array, limit: float) -> str:
    """Return what SCIP makes of a program in the processor time given, from a design."""
    program = problem.model.encode(bounds, unconditional=plain)
    loaded = build_scip(program)
    loaded.model.setParam("timing/clocktype", 1)
    loaded.model.setParam("limits/time", limit)
    loaded.model.setParam("limits/gap", 1e-4)
    loaded.model.setParam("limits/absgap", 1e-6)
    loaded.add_solution(np.asarray(program.complete(x)))
    begun = time.process_time()
    loaded.model.optimizeNogil()
    spent = time.process_time() - begun
    best, bound = loaded.model.getPrimalbound(), loaded.model.getDualbound()
    gap = abs(best - bound) / max(abs(best), 1e-9)
    return f"{100 * gap:.3g} %, {loaded.model.getNTotalNodes()}, {spent:.1f}"


def main() -> None:
    """Measure, and print a row as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["layers", "cutoff"])
    parser.add_argument("--time-per-unit", type=float, default=1.0, metavar="SECONDS", help="of MILP (1)")
    parser.add_argument("--limit", type=float, default=60.0, metavar="SECONDS", help="of SCIP for each target (60)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, metavar="N")
    asked = parser.parse_args()
    tables = {
        "layers": partial(layers, asked.time_per_unit, asked.threads),
        "cutoff": partial(cutoff, asked.limit, asked.threads),
    }
    print(f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.")
    for name, table in tables.items():
        if asked.only in (None, name):
            print()
            for row in table():
                print(row, flush=True)


if __name__ == "__main__":
    main()
