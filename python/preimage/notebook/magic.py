"""``%%invert`` and ``%invert``: a thin shell around `preimage.invert`."""

from __future__ import annotations

import argparse
import keyword
import re
import shlex
from collections import ChainMap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments
from IPython.display import display

from preimage.inversion import Interrupted, invert
from preimage.language import ProblemErrors, check
from preimage.language.options import engines, fraction, seconds
from preimage.language.problem import Problem
from preimage.notebook.display import AnswerDisplay
from preimage.notebook.live import TIERS, live_view
from preimage.notebook.options import count, typed
from preimage.results import Result, Sweep
from preimage.results.shape import aligned, shape

EMPTY = re.compile(r"%%invert\b[^\n]*\n?")

HINT = """\
An empty cell: nothing to invert. State a problem below the %%invert line, for example

    network print from "press.npz"
    target  colour = (50, 20, -30)
    input   inks[4] in 0..1
    minimise L1(print(inks), colour)

%%invert? shows the options."""


RED, RESET = "\x1b[1;31m", "\x1b[0m"


class ProblemFault(Exception):
    """A problem with mistakes, shown in a notebook as its message alone, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [
            re.sub(r"^error\[\w+\]|(?<=│ )\s*\^+ .*$", rf"{RED}\g<0>{RESET}", line) for line in str(self).splitlines()
        ]


def _interrupt(name: str | None) -> KeyboardInterrupt:
    """Return a KeyboardInterrupt that is shown as one line: it stops the cells below, and nothing has gone wrong."""
    kept = f"the best design so far is in `{name}`" if name else "next time, -o NAME keeps the best design so far"
    interrupt = KeyboardInterrupt(kept)
    interrupt.__dict__["_render_traceback_"] = lambda: [f"KeyboardInterrupt: {kept}"]
    return interrupt


def keep_empty_cell(lines: list[str]) -> list[str]:
    """Give a cell of nothing but its ``%%invert`` line an empty one below: IPython refuses magics without a body."""
    return [lines[0].rstrip("\n") + "\n", "\n"] if len(lines) == 1 and EMPTY.fullmatch(lines[0]) else lines


@magics_class
class InvertMagics(Magics):
    """The magics of Preimage."""

    shell: InteractiveShell

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.display = AnswerDisplay()

    @no_var_expand
    @needs_local_scope
    @magic_arguments()
    @argument("file", nargs="?", help="a problem file; only for the line magic: %%invert file.inv")
    @argument("-o", "--output", metavar="NAME", help="bind the result to this name; no other name is ever written")
    @argument(
        "--time-limit", metavar="TIME", type=typed(seconds), help="stop after this long: 60s, 2min, 1h, or seconds"
    )
    @argument("--gap", metavar="GAP", type=typed(fraction), help="solved when proved this close: 1%%, or 0.01")
    @argument(
        "--method",
        metavar="ENGINES",
        type=typed(engines),
        help="engines to use: branch, milp, adjoint, or several: branch,milp; for a structure cnn, lbfgs, mma or oc",
    )
    @argument("--threads", metavar="N", type=typed(count), help="threads in all (all cores)")
    @argument("--seed", metavar="N", type=int, help="of everything random (0)")
    @argument("--steps", metavar="N", type=typed(count), help="for a structure: how many designs are tried")
    @argument(
        "--live",
        choices=TIERS,
        default="auto",
        help="how to show the search while it runs (auto: as well as here possible)",
    )
    @argument("--check", action="store_true", help="check the problem and solve nothing")
    @argument("--quiet", action="store_true", help="show nothing; use with -o")
    @line_cell_magic
    def invert(
        self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None
    ) -> Result | Sweep | None:
        """Find the best design of the problem in this cell, and prove how good it is.

        Names that the problem declares without data (`network print`, `param r from radius`) are taken from the
        notebook. The result is returned, and bound to NAME with -o. Interrupting the kernel stops the search, keeps the
        best design so far in NAME, and stops the cells below; the button Stop in the live view keeps it and goes on.
        """
        options = self._options(line)
        source = self._source(options, cell)
        if source is None:
            print(HINT)
            return None
        try:
            problem = check(source, ChainMap({}, dict(local_ns or {}), self.shell.user_ns), strict=False)
        except ProblemErrors as errors:
            raise ProblemFault(str(errors)) from None
        if options.check:
            print(f"No mistakes.\n{aligned(shape(problem))}")
            return None
        return self._run(problem, options)

    def _run(self, problem: Problem, options: argparse.Namespace) -> Result | Sweep | None:
        view = live_view("off" if options.quiet else options.live, problem, self.shell)
        try:
            result = invert(
                problem,
                time_limit=options.time_limit,
                gap=options.gap,
                method=options.method,
                threads=options.threads,
                seed=options.seed,
                steps=options.steps,
                progress=view.update,
            )
        except Interrupted as stop:
            result = stop.result
            self._bind(options.output, result)
            if not view.stopped:
                if not view.close(result) and not options.quiet:
                    display(result)
                raise _interrupt(options.output) from None
        except BaseException:
            view.close(None)
            raise
        self._bind(options.output, result)
        if view.close(result):
            self.display.note_shown(result)
        return None if options.quiet else result

    def _bind(self, name: str | None, result: Result | Sweep) -> None:
        if name is not None:
            self.shell.user_ns[name] = result

    def _options(self, line: str) -> argparse.Namespace:
        parser: argparse.ArgumentParser = self.invert.parser
        lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
        lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""  # a backslash is part of a path
        try:
            options = parser.parse_args(list(lexer))
        except ValueError as error:
            raise UsageError(f"%invert: {str(error).lower()} in: {line}") from None
        if options.output is not None and (not options.output.isidentifier() or keyword.iskeyword(options.output)):
            raise UsageError(f"%invert -o: {options.output!r} is not a name")
        return options

    def _source(self, options: argparse.Namespace, cell: str | None) -> str | Path | None:
        if cell is None:
            if options.file is None:
                raise UsageError("%invert needs a problem file; to write a problem in the cell, begin it with %%invert")
            path = Path(options.file).expanduser()
            if not path.is_file():
                raise UsageError(f"%invert: there is no file {options.file}")
            return path
        if options.file is not None:
            raise UsageError(f"%%invert: what is {options.file!r}? A file is solved by %invert {options.file}")
        stated = [text for text in cell.splitlines() if text.strip() and not text.lstrip().startswith("#")]
        return cell + "\n" if stated else None
