"""The live view in three tiers: a widget, else a card that is redrawn twice a second, else a line of text.

Everything is shown from the cell's own thread, from within `invert`'s progress callback: other threads must not touch
a widget or a display.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from IPython.display import DisplayHandle, display

from preimage.engines.search import Snapshot
from preimage.language.problem import Problem
from preimage.notebook.answer import Answer, Answers
from preimage.notebook.boxes_plot import boxes_plot
from preimage.notebook.frame import Frame, frame_of_snapshot
from preimage.notebook.gap_plot import gap_plot
from preimage.notebook.markup import tag
from preimage.notebook.panels import answer_panels
from preimage.notebook.static import STYLE, card, head, problem_fold
from preimage.notebook.structure import structure_seen
from preimage.results import Result, Sweep
from preimage.results.numbers import number
from preimage.results.words import proved

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from preimage.notebook.card import Card

TIERS = ("auto", "widget", "picture", "text", "off")

NOTHING = {"text/plain": ""}
"""What a live view leaves behind when the search broke."""


class LiveView(Protocol):
    """Shows a search while it runs."""

    @property
    def stopped(self) -> bool:
        """Whether the user stopped the search from the view."""

    def update(self, snapshot: Snapshot) -> None:
        """Show the search as it stands; raises KeyboardInterrupt if the user asked to stop."""

    def close(self, result: Result | Sweep | None) -> bool:
        """Take the view away, leave ``result`` in its place, and return whether there was a place."""


def live_view(tier: str, problem: Problem, shell: InteractiveShell) -> LiveView:
    """Return the best view at or below ``tier`` that can be had here; ``auto`` is the best of all."""
    if tier == "off":
        return Silence()
    if not hasattr(shell, "kernel"):
        return TerminalLine()
    if tier == "text":
        return TextView()
    if tier in {"auto", "widget"}:
        try:
            from preimage.notebook.card import Card
        except ImportError:  # without the extra `notebook`
            return PictureView(problem)
        return WidgetView(problem, Card)
    return PictureView(problem)


class Silence:
    """Shows nothing."""

    stopped = False

    def update(self, snapshot: Snapshot) -> None:
        """Show nothing."""

    def close(self, result: Result | Sweep | None) -> bool:
        """Leave nothing behind."""
        return False


class TextView:
    """A place in the cell's output that is redrawn at most every ``period`` seconds; here a line of text.

    A search that is over before its first report never opens it: a flash helps nobody.
    """

    stopped = False
    period = 0.5

    def __init__(self) -> None:
        self._handle: DisplayHandle | None = None
        self._drawn = 0.0

    def update(self, snapshot: Snapshot) -> None:
        """Redraw if it is time, and always at the end."""
        over = snapshot.status != "searching" and snapshot.row == snapshot.rows - 1
        early = time.monotonic() - self._drawn < self.period
        if (over and self._handle is None) or (early and not over):
            return
        self._drawn = time.monotonic()
        self._show(snapshot)

    def close(self, result: Result | Sweep | None) -> bool:
        """Leave ``result``, or nothing, in the place."""
        if self._handle is None:
            return False
        self._handle.update(NOTHING if result is None else result, raw=result is None)
        return True

    def _show(self, snapshot: Snapshot) -> None:
        self._put({"text/plain": text_line(snapshot)})

    def _put(self, bundle: dict[str, Any]) -> None:
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


class PictureView(TextView):
    """The card without a widget: drawn anew as a whole, and less often."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self._problem = problem
        self._answers = Answers(problem)
        self._answer: tuple[object, Answer | None] = (None, None)

    def _show(self, snapshot: Snapshot) -> None:
        frame = self._frame(snapshot)
        below = tag("footer", problem_fold(self._problem.text))
        panes = gap_plot(frame), boxes_plot(frame), answer_panels(frame.answer)
        html = tag("style", STYLE) + card(frame.state, head(frame), *panes, below)
        self._put({"text/html": html, "text/plain": text_line(snapshot)})

    def _frame(self, snapshot: Snapshot) -> Frame:
        if self._problem.structure is not None:
            seen = structure_seen(self._problem.structure, snapshot)
            return frame_of_snapshot(snapshot, None if seen is None else Answer(structure=seen))
        key = (snapshot.row, snapshot.incumbent)
        if key != self._answer[0]:
            self._answer = key, self._answers.answer(snapshot.design, snapshot.row)
        return frame_of_snapshot(snapshot, self._answer[1])


class WidgetView(PictureView):
    """The card in a browser, redrawn smoothly, with values under the pointer and a Stop button."""

    period = 0.1

    def __init__(self, problem: Problem, card_class: type[Card]) -> None:
        super().__init__(problem)
        self._card_class = card_class
        self._card: Card | None = None
        self._heard, self._stop = threading.Event(), threading.Event()

    @property
    def stopped(self) -> bool:  # type: ignore[override]
        """Whether the button was pressed."""
        return self._stop.is_set()

    def update(self, snapshot: Snapshot) -> None:
        """Redraw, and stop if the button was pressed."""
        super().update(snapshot)
        if self._stop.is_set() and snapshot.status == "searching":
            raise KeyboardInterrupt

    def close(self, result: Result | Sweep | None) -> bool:
        """Leave ``result``, or nothing, in place of the card."""
        shown = super().close(result)
        if self._card is not None:
            self._card.close()
        return shown

    def _show(self, snapshot: Snapshot) -> None:
        frame = self._frame(snapshot)
        if self._card is None:
            self._card = self._card_class(self._problem.text, frame)
            self._card.line = text_line(snapshot)
            self._card.on_msg(self._listen)
            self._handle = display(self._card, display_id=True)
            return
        self._card.show(frame)
        if self._heard.is_set():
            self._card.heard = True

    def _listen(self, card: Card, content: object, buffers: object) -> None:
        # While the cell runs, this is another thread (a subshell of the kernel): it may set events and nothing else.
        if content == "hello":
            self._heard.set()
        elif content == "stop":
            self._stop.set()


class TerminalLine:
    """One line on a terminal's standard error, overwritten as the search goes on."""

    stopped = False

    def __init__(self) -> None:
        self._drawn = 0.0
        self._width = 0

    def update(self, snapshot: Snapshot) -> None:
        """Overwrite the line, five times a second."""
        if not sys.stderr.isatty() or time.monotonic() - self._drawn < 0.2:
            return
        line = text_line(snapshot)
        print("\r" + line.ljust(self._width), end="", file=sys.stderr, flush=True)
        self._drawn, self._width = time.monotonic(), len(line)

    def close(self, result: Result | Sweep | None) -> bool:
        """Clear the line."""
        if self._width:
            print("\r" + " " * self._width, end="\r", file=sys.stderr, flush=True)
        return False


def text_line(snapshot: Snapshot) -> str:
    """Return the search in one line of text."""
    frame = frame_of_snapshot(snapshot, None)
    parts = [f"{frame.headline} · {frame.detail}"]
    if snapshot.incumbent is not None:
        parts.append(f"best {number(snapshot.incumbent)} by {snapshot.source_of_incumbent}")
    if snapshot.bound is not None:
        parts.append(f"proved {proved(snapshot.bound, snapshot.sense)}")
    if snapshot.total_nodes:
        parts.append(f"{snapshot.total_nodes:,} {frame.unit}")
    return " · ".join(parts)
