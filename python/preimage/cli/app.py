"""The commands and their options; what a command needs is imported when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from preimage.cli import exit_codes
from preimage.cli.guard import guarded
from preimage.cli.options import (
    Format,
    NoColor,
    OutputFormat,
    Problem,
    Quiet,
    Set,
    bindings,
    engines,
    fraction,
    interval,
    seconds,
)

EPILOG = (
    "Exit codes: 0 solved or checked · 1 internal or input/output error · 2 usage · 3 the problem has errors · "
    "4 proved infeasible · 5 a limit was hit with a design at hand · 6 without one · 130 interrupted."
)

app = typer.Typer(
    name="preimage",
    help="Inverse design with a certificate: which design makes a network give this, and how good is it, proved.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write.", show_default=False)
]


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        app(arguments, prog_name="preimage")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else exit_codes.OK
    return exit_codes.OK


def _version(asked: bool) -> None:
    if asked:
        from preimage import __version__

        typer.echo(f"preimage {__version__}")
        raise typer.Exit


@app.callback()
def preimage(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Take the options before a command."""


@app.command()
def solve(
    problem: Problem,
    set_: Set = [],  # noqa: B006  # typer copies it
    time_limit: Annotated[
        float | None,
        typer.Option(parser=seconds, metavar="TIME", help="For each target: 60s, 2min, 1h.", show_default=False),
    ] = None,
    gap: Annotated[
        float | None,
        typer.Option(parser=fraction, metavar="GAP", help="When it counts as solved: 0.01%.", show_default=False),
    ] = None,
    using: Annotated[
        Any,  # a tuple of names, or None; typer reads more into a tuple
        typer.Option(
            parser=engines,
            metavar="ENGINES",
            help="branch, milp, adjoint, or several with commas; for structures cnn, lbfgs, mma or oc.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of everything random.", show_default=False)] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="For a structure: how many designs are tried.", show_default=False)
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="By default, all cores.", show_default=False)] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to save the result; PROBLEM.result by default, none with JSON.",
        ),
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a proof of the bound that `preimage check` can follow box by box.",
            show_default=False,
        ),
    ] = None,
    format: OutputFormat = Format.text,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> None:
    """Find the best design, and prove how good it is."""
    from preimage.cli.solve import Request, solve

    request = Request(
        problem=problem,
        bindings=bindings(set_),
        time_limit=time_limit,
        gap=gap,
        engines=using,
        seed=seed,
        steps=steps,
        threads=threads,
        output=output,
        certificate=certificate,
        format=format,
        quiet=quiet,
        no_color=no_color,
    )
    raise typer.Exit(guarded(lambda: solve(request), no_color))


@app.command()
def check(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A problem, a result, or a certificate.", show_default=False)
    ],
    set_: Set = [],  # noqa: B006
    format: OutputFormat = Format.text,
    no_color: NoColor = False,
) -> None:
    """Check a problem for errors, or verify a result or a certificate again."""
    from preimage.cli.check import check

    values = bindings(set_)
    raise typer.Exit(guarded(lambda: check(file, values, format), no_color))


@app.command()
def fmt(
    files: Annotated[list[Path], typer.Argument(metavar="PROBLEM.inv...", help="Problems.", show_default=False)],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 if a file would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
    no_color: NoColor = False,
) -> None:
    """Bring problems into the canonical form, in place."""
    from preimage.cli.fmt import fmt

    raise typer.Exit(guarded(lambda: fmt(files, check=check, diff=diff, no_color=no_color), no_color))


@app.command()
def explain(
    subject: Annotated[
        str, typer.Argument(metavar="CODE|PROBLEM.inv", help="A message's code, or a problem.", show_default=False)
    ],
    set_: Set = [],  # noqa: B006
    no_color: NoColor = False,
) -> None:
    """Explain a message's code; or a problem: its shape, and which engines would work on it, and why."""
    from preimage.cli.explain import explain

    values = bindings(set_)
    raise typer.Exit(guarded(lambda: explain(subject, values), no_color))


@app.command()
def inspect(
    network: Annotated[
        Path, typer.Argument(metavar="NETWORK", help=".npz .onnx .pt2 .safetensors", show_default=False)
    ],
    box: Annotated[str, typer.Option(metavar="LOWER..UPPER", help="Count stable neurons on this box.")] = "0..1",
    format: OutputFormat = Format.text,
    no_color: NoColor = False,
) -> None:
    """Show a network's layers, and how many of its neurons are undecided on a box of inputs."""
    from preimage.cli.inspect import inspect

    limits = interval(box)
    raise typer.Exit(guarded(lambda: inspect(network, limits, format), no_color))


@app.command()
def bounds(
    problem: Problem,
    set_: Set = [],  # noqa: B006
    time_per_unit: Annotated[
        float | None,
        typer.Option(
            parser=seconds,
            metavar="TIME",
            help="Of MILP, for each neuron that linear programs leave undecided; none by default.",
            show_default=False,
        ),
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="By default, all cores.", show_default=False)] = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where bounds are kept; `solve` looks in $PREIMAGE_CACHE, or else among the user's caches.",
            show_default=False,
        ),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw what each step bought.", show_default=False)
    ] = None,
    format: OutputFormat = Format.text,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> None:
    """Tighten the bounds of every neuron, once for all targets; `solve` makes use of them."""
    from preimage.cli.bounds import Request, bounds

    request = Request(problem, bindings(set_), time_per_unit, threads, cache, plot, format, quiet, no_color)
    raise typer.Exit(guarded(lambda: bounds(request), no_color))


@app.command()
def export(
    problem: Annotated[
        Path,
        typer.Argument(
            metavar="PROBLEM.inv|FILE.result", help="A problem, or a structure's result.", show_default=False
        ),
    ],
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL.mps|lp|...",
            help="What to write; of a structure's result .png, .svg, .stl, .npz, .gif or .mp4.",
            show_default=False,
        ),
    ],
    set_: Set = [],  # noqa: B006
    target: Annotated[int, typer.Option(min=0, metavar="ROW", help="Of a sweep: which target.")] = 0,
    no_color: NoColor = False,
) -> None:
    """Write the problem as a mixed-integer program, for any solver; or a structure's result, for other programs."""
    from preimage.cli.export import export

    values = bindings(set_)
    raise typer.Exit(guarded(lambda: export(problem, model, values, target), no_color))


@app.command()
def plot(
    result: Annotated[Path, typer.Argument(metavar="FILE.result", help="A result.", show_default=False)],
    output: Output = None,
    designs: Annotated[
        bool, typer.Option("--designs", help="Draw the designs beside one another, with the worst case of each.")
    ] = False,
    energy: Annotated[
        bool, typer.Option("--energy", help="Of a structure: draw the strain energy of each element.")
    ] = False,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> None:
    """Draw the search and the answer; FILE.png by default."""
    from preimage.cli.plot import plot

    raise typer.Exit(guarded(lambda: plot(result, output, designs, energy, quiet), no_color))
