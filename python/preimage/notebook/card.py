"""The card as a widget: its traits are set from the cell's thread, and shown by `card.js`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from preimage.notebook.boxes_plot import boxes_plot
from preimage.notebook.frame import Frame
from preimage.notebook.gap_plot import gap_plot
from preimage.notebook.markup import tag
from preimage.notebook.panels import answer_panels
from preimage.notebook.static import card, fold, head, problem_fold, trace_table

HERE = Path(__file__).parent

STOP = "Stop here and keep the best design; the cells below go on"


class Card(anywidget.AnyWidget):
    """One search, live: HTML part by part, so that only what has changed is sent and drawn.

    Parameters
    ----------
    text
        The problem's text.
    frame
        What is shown first.

    Attributes
    ----------
    heard
        Whether the kernel answers the browser while the cell runs: only then there is a Stop button.
    """

    _esm = (HERE / "card.js").read_text(encoding="utf-8")
    _css = (HERE / "card.css").read_text(encoding="utf-8")

    card = traitlets.Unicode().tag(sync=True)
    state = traitlets.Unicode().tag(sync=True)
    head = traitlets.Unicode().tag(sync=True)
    left = traitlets.Unicode().tag(sync=True)
    middle = traitlets.Unicode().tag(sync=True)
    right = traitlets.Unicode().tag(sync=True)
    trace = traitlets.Unicode().tag(sync=True)
    points = traitlets.Dict().tag(sync=True)
    heard = traitlets.Bool(False).tag(sync=True)

    def __init__(self, text: str, frame: Frame) -> None:
        button = tag("button", "Stop", type="button", title=STOP, hidden="hidden")
        footer = tag("footer", fold("trace", ""), problem_fold(text))
        super().__init__(card=card(frame.state, head(frame) + button, "", "", "", footer), **_parts(frame))
        self.line = ""
        # From 7.4 on, ipykernel hands a comm's messages to whoever used it last, which is the busy cell. Without the
        # method that says so, they go to where the browser sends them: in JupyterLab to a subshell, which listens.
        self.comm._reply_subshell_for = None

    def show(self, frame: Frame) -> None:
        """Show another frame, in one message."""
        with self.hold_sync():
            for name, value in _parts(frame).items():
                setattr(self, name, value)

    def close(self) -> None:
        """Take the card away, and first wipe it: nbclient stores the last state of every widget."""
        with self.hold_sync():
            self.card = self.head = self.left = self.middle = self.right = self.trace = ""
            self.points = {}
        super().close()

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return the view, with a line of text for those that cannot show it."""
        bundle = super()._repr_mimebundle_(**options)
        return None if bundle is None else (bundle[0] | {"text/plain": self.line}, bundle[1])


def _parts(frame: Frame) -> dict[str, Any]:
    points = {
        "incumbents": frame.incumbents,
        "bounds": frame.bounds,
        "seconds": frame.seconds,
        "nodes": sum(frame.nodes.values()),
        "unit": frame.unit,
        "sense": frame.sense,
    }
    return {
        "state": frame.state,
        "head": head(frame),
        "left": gap_plot(frame),
        "middle": boxes_plot(frame),
        "right": answer_panels(frame.answer),
        "trace": trace_table(frame),
        "points": points,
    }
