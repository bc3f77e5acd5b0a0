"""Where declared names get their data: the text itself, a file, or a value bound from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from preimage.language import tree
from preimage.language.data import Data, bound, read
from preimage.language.diagnostic import diagnose
from preimage.language.messages import near
from preimage.language.problem import Binding
from preimage.language.scope import MOST_LISTED, Poisoned, Reporter, Scope
from preimage.language.values import DataRefused

MOST_UNUSED = 3
"""So many values that nothing takes are reported."""


@dataclass(frozen=True, slots=True)
class Outside:
    """A value that a name is bound to, and what messages call it."""

    value: object
    name: str


class Bindings:
    """Finds the data of declarations.

    Parameters
    ----------
    reporter
        Where mistakes go.
    values
        What names are bound to.
    strict
        Whether the bindings were given for this problem: they then overrule what the text says of the same name, and
        one that is not used is a mistake. Otherwise they are a notebook's variables, used only where the text asks.
    folder
        Where relative paths begin.
    """

    def __init__(self, reporter: Reporter, values: Mapping[str, object], *, strict: bool, folder: Path | None) -> None:
        self._reporter = reporter
        self._values = values
        self._strict = strict
        self._folder = folder
        self._used: set[str] = set()
        self.provenance: list[Binding] = []

    def source(
        self, name: tree.Name, given: tree.Expression | tree.Source | None
    ) -> tree.Expression | tree.File | Outside:
        """Return where the data of ``name`` is: an expression, a file, or a value from outside."""
        if self._strict and name.text in self._values:
            if isinstance(given, tree.Bound):
                self._used.add(given.name.text)
            return self.outside(name)
        if given is None or isinstance(given, tree.Bound):
            return self.outside(given.name if given is not None else name)
        return given

    def outside(self, name: tree.Name) -> Outside:
        """Return the value from outside that has the name."""
        if name.text not in self._values:
            self._unbound(name)
        self._used.add(name.text)
        return Outside(self._values[name.text], name.text)

    def data(self, name: tree.Name, source: tree.File | Outside) -> Data:
        """Return the numbers of a file or of a value from outside, and note where they came from."""
        try:
            if isinstance(source, Outside):
                found = bound(source.value, source.name)
            else:
                found = read(self.path(source), source.path.value, source.key.value if source.key else None)
        except DataRefused as refused:
            self.refuse(name, source, refused)
        self.note(name, source, found.digest)
        return found

    def note(self, name: tree.Name, source: tree.File | Outside, digest: str) -> None:
        """Record where the data of ``name`` came from."""
        if isinstance(source, Outside):
            origin = f"binding {source.name}"
        else:
            origin = source.path.value + (f'["{source.key.value}"]' if source.key else "")
        self.provenance.append(Binding(name.text, origin, digest))

    def refuse(self, name: tree.Name, source: tree.File | Outside, refused: DataRefused) -> NoReturn:
        """Report data that cannot be used, where it is asked for."""
        span = name.span if isinstance(source, Outside) else source.span
        label = f"bound from outside to `{source.name}`" if isinstance(source, Outside) else ""
        self._reporter.add(refused.diagnostic(span, label, self._reporter.file))
        raise Poisoned

    def path(self, source: tree.File) -> Path:
        """Return where a file is."""
        return (self._folder or Path()) / source.path.value

    def report_unused(self, scope: Scope) -> None:
        """Report the bindings that no declaration uses, if they were given for this problem."""
        unused = [name for name in self._values if name not in self._used] if self._strict else []
        takes = [e for e in scope.entries() if e.kind in ("network", "param", "target", "targets")]
        for name in unused[:MOST_UNUSED]:
            entry, found = scope.get(name), near(name, [e.name for e in takes if e.name not in self._used])
            listed = ", ".join(f"`{e.name}`" for e in takes)
            if entry is not None:
                label, advice = f"{entry.article}: it takes no value", "networks, params and targets take values"
            elif found is not None:
                entry, label, advice = scope.get(found), "you may mean this one", f"try: {found}=..."
            else:
                label = ""
                advice = f"these take values: {listed}" if 0 < len(takes) <= MOST_LISTED else "leave it out"
            span = entry.span if entry else None
            self._reporter.add(diagnose("PRE208", span, label, advice=advice, file=self._reporter.file, name=name))

    def _unbound(self, name: tree.Name) -> NoReturn:
        found = near(name.text, [n for n in self._values if not n.startswith("_")])
        ways = (f"in a notebook: {name.text} = ...", f"in Python: invert(..., {name.text}=...)")
        advice = "\n".join((*ways, f"on the command line: --set {name.text}=..."))
        if found is not None:
            advice = f"there is a value called `{found}`; or give it one\n{advice}"
        self._reporter.fail("PRE203", name.span, "no value from outside", advice=advice, name=name.text)
