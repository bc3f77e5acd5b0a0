"""How a notebook shows answers: as the card, and once a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preimage.notebook.static import answer_bundle
from preimage.results import Result, Sweep

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class AnswerDisplay:
    """The display of results and sweeps in one shell.

    A live view leaves the answer's card in its own place. The answer is then the value of the cell too, and IPython
    would show it a second time: this it is kept from, until the cell has ended.
    """

    def __init__(self) -> None:
        self._shown: Result | Sweep | None = None

    def register(self, shell: InteractiveShell) -> None:
        """Show answers as cards."""
        shell.events.register("post_run_cell", self._forget)
        if shell.display_formatter is not None:
            for kind in (Result, Sweep):
                shell.display_formatter.mimebundle_formatter.for_type(kind, answer_bundle)
                shell.display_formatter.ipython_display_formatter.for_type(kind, self._pass_over)

    def remove(self, shell: InteractiveShell) -> None:
        """Show answers as they show themselves."""
        shell.events.unregister("post_run_cell", self._forget)
        if shell.display_formatter is not None:
            for kind in (Result, Sweep):
                shell.display_formatter.mimebundle_formatter.pop(kind, None)
                shell.display_formatter.ipython_display_formatter.pop(kind, None)

    def note_shown(self, answer: Result | Sweep) -> None:
        """Note that the running cell shows ``answer`` already."""
        self._shown = answer

    def _pass_over(self, answer: Result | Sweep) -> None:
        if answer is not self._shown:
            raise NotImplementedError  # IPython's sign that another format is to be taken
        self._shown = None

    def _forget(self, ended: object) -> None:
        self._shown = None
