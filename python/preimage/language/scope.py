"""Names in scope, and the mistakes found so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, NoReturn

from preimage.language.diagnostic import Diagnostic, Label, diagnose
from preimage.language.messages import MAXIMUM_ERRORS, near
from preimage.language.problem import Expression
from preimage.language.span import Span
from preimage.language.words import CONSTANTS

MOST_LISTED = 8
"""Names in scope are listed in a message when there are no more than these."""

Kind = Literal["network", "param", "target", "targets", "input", "let", "variable"]
_ARTICLES: Mapping[str, str] = {
    "network": "a network",
    "param": "a param",
    "target": "a target",
    "targets": "a target",
    "input": "an input",
    "let": "a value",
    "variable": "a variable of `for`",
}


class Poisoned(Exception):
    """A mistake was reported; whatever depends on it is left alone."""


class Enough(Exception):
    """So many mistakes were reported that the rest is left alone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a name means.

    Attributes
    ----------
    span
        Where the name is declared.
    value
        What it stands for; None for a network, and for a name whose declaration is wrong (see ``poisoned``).
    mask
        Whether it holds truth values: as an index it is then a mask.
    """

    name: str
    kind: Kind
    span: Span
    value: Expression | None = None
    poisoned: bool = False
    mask: bool = False

    @property
    def article(self) -> str:
        """What it is, with its article: ``a param``."""
        return _ARTICLES[self.kind]


class Reporter:
    """Collects mistakes in one text."""

    def __init__(self, text: str, file: str | None) -> None:
        self.text = text
        self.file = file
        self.diagnostics: list[Diagnostic] = []

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a mistake; `Enough` is raised with the last one that is wanted."""
        self.diagnostics.append(diagnostic)
        if len(self.diagnostics) >= MAXIMUM_ERRORS:
            raise Enough

    def fail(
        self,
        code: str,
        span: Span | None,
        label: str = "",
        *,
        advice: str,
        others: Iterable[Label] = (),
        **values: object,
    ) -> NoReturn:
        """Add a diagnostic, which always holds something to try, and give up what is being checked."""
        self.add(diagnose(code, span, label, others=others, advice=advice, file=self.file, **values))
        raise Poisoned

    def quote(self, span: Span) -> str:
        """Return what stands at ``span``, on one line, shortened in its middle if it is long."""
        words = " ".join(self.text[span.start : span.end].split())
        return words if len(words) <= 60 else f"{words[:40]} … {words[-16:]}"


class Scope:
    """Declared names, in the order of the text.

    Parameters
    ----------
    reporter
        Where mistakes go.
    declared
        Every name that some statement of the text declares, with the first place.
    reserved
        Names of functions.
    foreign
        What functions are called elsewhere, and what they are called here.
    """

    def __init__(
        self, reporter: Reporter, declared: Mapping[str, Span], reserved: Iterable[str], foreign: Mapping[str, str]
    ) -> None:
        self._reporter = reporter
        self._declared = declared
        self._reserved = tuple(reserved)
        self._foreign = foreign
        self._entries: dict[str, Entry] = {}
        self._variables: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def entries(self) -> Iterable[Entry]:
        """Return what is in scope, in the order of declaration."""
        return self._entries.values()

    def get(self, name: str) -> Entry | None:
        """Return what ``name`` means, if it is in scope."""
        return self._entries.get(name)

    def declare(self, entry: Entry) -> None:
        """Add a name that has been seen by `admit`."""
        self._entries[entry.name] = entry

    def let_vary(self, entry: Entry) -> None:
        """Give a variable of a quantifier its next value."""
        self._entries[entry.name] = entry
        self._variables.add(entry.name)

    def forget_variables(self) -> None:
        """Take the variables of quantifiers out of scope: their statement ends."""
        for name in self._variables:
            del self._entries[name]
        self._variables.clear()

    def admit(self, name: str, span: Span, *, poison: bool = True) -> None:
        """Refuse to declare a name that the language uses, or that is declared already.

        Which of two declarations is meant is not known, so that uses of the name are left alone if ``poison``.
        """
        if name in self._reserved:
            advice = f"try: another name, such as `{name}_`"
            self._reporter.fail("PRE205", span, "a function already", advice=advice, name=name, what="function")
        if name in CONSTANTS:
            advice = "leave the declaration out, or take another name"
            self._reporter.fail("PRE205", span, "a constant already", advice=advice, name=name, what="constant")
        known = self._entries.get(name)
        if known is not None:
            if poison:
                self._entries[name] = replace(known, poisoned=True)
            self._reporter.fail(
                "PRE201",
                span,
                "declared again",
                others=[Label(known.span, "first declared here")],
                advice=f"give one of the two another name, such as `{name}2`",
                name=name,
            )

    def look_up(self, name: str, span: Span, *, callable_only: bool = False) -> Entry:
        """Return what ``name`` means, or report that it means nothing here."""
        entry = self._entries.get(name)
        if entry is not None:
            if entry.poisoned:
                raise Poisoned
            return entry
        if name in self._declared:
            self._reporter.fail(
                "PRE202",
                span,
                "not declared yet",
                others=[Label(self._declared[name], "declared here")],
                advice="a name is declared above the lines that use it: move the declaration up",
                name=name,
            )
        self._unknown(name, span, callable_only)

    def _unknown(self, name: str, span: Span, callable_only: bool) -> NoReturn:
        networks = [entry.name for entry in self._entries.values() if entry.kind == "network"]
        values = [entry.name for entry in self._entries.values() if entry.kind != "network"]
        candidates = [*networks, *self._reserved] if callable_only else [*values, *CONSTANTS, *networks]
        everything = [*self._entries, *self._reserved, *CONSTANTS]
        found = self._foreign.get(name) if callable_only else None
        found = found or near(name, candidates)
        found = found or next((other for other in everything if other.casefold() == name.casefold()), None)
        others = []
        if found is not None:
            advice = f"try: `{found}`"
            known = self._entries.get(found)
            if known is not None:
                others.append(Label(known.span, "you may mean this one"))
        elif callable_only and networks:
            advice = f"functions here: {_listed(networks)}, and those of the language, such as sum and L1"
        elif callable_only:
            advice = f"functions: {', '.join(self._reserved)}"
        elif values and len(values) <= MOST_LISTED:
            advice = f"in scope: {_listed(values)}"
        else:
            advice = f"declare it above this line, for instance: param {name} = 1.0"
        self._reporter.fail(
            "PRE204", span, "not declared", others=others, advice=advice, name=name, kind="function " * callable_only
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
