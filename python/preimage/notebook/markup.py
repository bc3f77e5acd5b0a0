"""HTML and SVG as strings.

Text inside a drawing is given as the attribute ``data-t`` and shown by the style sheet: where a style sheet and SVG are
taken out (GitHub, untrusted notebooks), a drawing then leaves nothing behind, instead of a heap of labels.
"""

from __future__ import annotations

from html import escape

VOID = frozenset({"img", "path", "line", "polyline", "circle", "input"})


def tag(name: str, *children: str, **attributes: object) -> str:
    """Return an element; children are markup, attributes are escaped (``class_`` is class, ``data_t`` is data-t)."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return f"<{name}{written}/>"
    return f"<{name}{written}>{''.join(children)}</{name}>"


def drawing(*children: str, width: float = 1000, height: float = 1000, **attributes: object) -> str:
    """Return an SVG that fills its element, whatever its shape; lines keep their width."""
    return tag("svg", *children, viewBox=f"0 0 {width:g} {height:g}", preserveAspectRatio="none", **attributes)


def label(text: str, class_: str, **place: float) -> str:
    """Return a text at a place of a drawing, in percent: ``left=``, ``top=``."""
    return tag("b", class_=class_, style=position(**place), data_t=text)


def position(**place: float) -> str:
    """Return the style that places an element, in percent."""
    return ";".join(f"{side}:{round(value, 2):g}%" for side, value in place.items())
