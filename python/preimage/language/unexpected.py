"""Say in the words of the problem why a statement could not be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from textwrap import fill

from lark.exceptions import UnexpectedInput, UnexpectedToken

from preimage.language.diagnostic import Diagnostic, diagnose
from preimage.language.grammar import accepted_after, spelling
from preimage.language.messages import near, shown
from preimage.language.reading import place
from preimage.language.span import Span
from preimage.language.words import (
    ENGINES,
    FOREIGN,
    METHODS,
    REPARAMETERISATIONS,
    RESERVED,
    SIGN_ADVICE,
    SOFT,
    STATEMENTS,
    UNITS,
    WAYS,
)

_OPERATORS = frozenset({"SIGN", "TIMES", "POWER", "LSQB", "LPAR", "COMPARISON", "AND", "OR"})

_LETTERS = {"X", "Y"}
"""Words of structures that are names everywhere else, and most often what is meant by it."""

_PHRASES = {"at": "at most", "per": "per target"}
_PHRASES_OF = {"solve": {"to": "to gap", "with": "with seed"}, "members": {"at": "at least"}}

_UNIT_WORDS = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
}
_LIMITS = dict.fromkeys(("max", "maximum", "most"), "at most") | dict.fromkeys(("min", "minimum", "least"), "at least")

_REVERSED = {"=<": "<=", "=>": ">="}


def no_such_statement(text: str, span: Span) -> Diagnostic:
    """Explain a statement that begins with none of the words for it."""
    found = re.compile(r"[^\W\d]\w*|\S").match(text, span.start, span.end)
    word = found[0] if found else text[span.start]
    place = Span(span.start, span.start + len(word))
    if word == "for":
        advice = "for example:\n  require t[i] <= t[i+1] for i in 0..2"
        return diagnose("PRE125", place, "at the beginning", advice=advice)
    assigned = re.compile(r"[^\W\d]\w*\s*=(?!=)").match(text, span.start, span.end)
    meant = near(word, STATEMENTS) or FOREIGN.get(word.casefold())
    if assigned and not near(word, STATEMENTS):
        advice = f"try: `let {word} = ...`, or `param {word} = ...` for plain numbers"
    elif meant:
        advice = f"try: `{meant}`"
    elif not word[0].isalpha():
        advice = "a statement goes on in the next line only while a bracket is open; try: put brackets around it"
    else:
        words = ", ".join(f"`{word}`" for word in STATEMENTS if not word.endswith("ize"))
        advice = fill(f"a statement begins with one of {words}", 80)
    return diagnose("PRE103", place, advice=advice, word=shown(word))


def explain_unexpected(error: UnexpectedInput, text: str, span: Span) -> Diagnostic:
    """Explain why a statement, which takes up ``span``, could not be read to its end."""
    if not isinstance(error, UnexpectedToken):
        return _unknown_sign(text, int(error.pos_in_stream))  # type: ignore[call-overload]
    token = error.token
    where = Span(span.end, span.end) if token.type == "$END" else place(token)
    accepted = accepted_after(text, Span(span.start, where.start))
    kind = "NAME" if token.type in _LETTERS else token.type
    return _Found(kind, str(token), where, text, span, accepted).explain()


@dataclass(frozen=True)
class _Found:
    """What was found where something else should stand.

    Attributes
    ----------
    kind, word, place
        The terminal (``$END`` at the end), its text and its place.
    text, statement
        The whole problem, and the place of the statement.
    accepted
        The terminals that could stand there.
    """

    kind: str
    word: str
    place: Span
    text: str
    statement: Span
    accepted: frozenset[str]

    @cached_property
    def keyword(self) -> str:
        """The word that the statement begins with."""
        return re.compile(r"\w+").match(self.text, self.statement.start)[0]  # type: ignore[index]

    @cached_property
    def before(self) -> str:
        """The word or sign before the place."""
        read = self.text[self.statement.start : self.place.start].rstrip()
        return re.search(r"\w+\Z|.\Z", read, re.DOTALL)[0]  # type: ignore[index]

    @property
    def wants_value(self) -> bool:
        return "LPAR" in self.accepted and "NUMBER" in self.accepted

    @property
    def after_value(self) -> bool:
        return "TIMES" in self.accepted

    @property
    def may_end(self) -> bool:
        return not self.accepted.isdisjoint({"$END", "COMMA", "RPAR", "RSQB", "RBRACE"})

    def explain(self) -> Diagnostic:
        """Say what is wrong, the particular before the general."""
        for explain in (
            self._unit,
            self._reserved,
            self._equals,
            self._condition,
            self._text,
            self._new_statement,
            self._joined,
        ):
            if found := explain():
                return found
        return self._unfinished() if self.kind == "$END" else self._out_of_place()

    def _unit(self) -> Diagnostic | None:
        if self.kind != "NAME" or "UNIT" not in self.accepted or self.word in SOFT:
            return None
        meant = _UNIT_WORDS.get(self.word.lower())
        advice = f"try: `{self.before} {meant}`" if meant else "try: `60 s`, `2 min` or `1 h`"
        return diagnose("PRE116", self.place, "not `s`, `min` or `h`", advice=advice, unit=self.word)

    def _reserved(self) -> Diagnostic | None:
        wanted = "NAME" in self.accepted and (not self.wants_value or self.word in STATEMENTS)
        if not wanted or self.word not in RESERVED or self.kind == "NOT":
            return None
        advice = f"try: another name, such as `{self.word}_1`"
        return diagnose("PRE110", self.place, "read as this word", advice=advice, word=self.word)

    def _equals(self) -> Diagnostic | None:
        if self.kind == "EQUAL" and "COMPARISON" in self.accepted:
            sign = self.text[self.place.start : self.place.start + 2]
            sign = sign if sign in _REVERSED else "="
            place = Span(self.place.start, self.place.start + len(sign))
            problem, meant = f"`{sign}` does not compare", _REVERSED.get(sign, "==")
        elif self.kind == "EQUAL" and self.text[self.place.start - 1] == "=":
            place, problem, meant = Span(self.place.start - 1, self.place.end), "`==` gives no value", "="
        elif self.kind == "EQUAL" and self.before in "<>":
            place, meant = self.place, f"{self.before}="
            problem = f"`{self.before} =` does not compare"
        else:
            return None
        return diagnose("PRE111", place, advice=f"try: `{meant}`", problem=problem, meant=meant)

    def _condition(self) -> Diagnostic | None:
        compared = self.kind in {"COMPARISON", "AND", "OR"} and self.after_value
        negated = self.kind == "NOT" and self.wants_value and self.before != "not"
        if not (compared or negated) or self.kind in self.accepted:
            return None
        advice = "try: `require` for what must hold"
        return diagnose("PRE113", self.place, "makes it a condition", advice=advice)

    def _text(self) -> Diagnostic | None:
        if self.kind != "TEXT" or not self.wants_value:
            return None
        head = self.text[self.statement.start : self.place.start].rstrip()
        from_file = self.keyword in {"param", "target", "targets"} and head.endswith("=")
        advice = f"try: `{head[:-1].rstrip()} from {self.word}`" if from_file else "try: a number or a name"
        return diagnose("PRE115", self.place, "a text", advice=advice)

    def _new_statement(self) -> Diagnostic | None:
        if self.word not in STATEMENTS or "$END" not in self.accepted:
            return None
        return diagnose("PRE124", self.place, "a second statement", advice="try: begin a new line before it")

    def _joined(self) -> Diagnostic | None:
        """Explain two values side by side, such as ``2x``."""
        if self.kind not in {"NAME", "NUMBER", "LPAR", "LSQB", "LBRACE"} or not self.after_value:
            return None
        touching = not self.text[self.place.start - 1].isspace() and not self.before.isidentifier()
        if not (touching or self.may_end) or near(self.word, self._words()) or self.word == "else":
            return None
        advice = f"try: `{self.before}*{self.word}`" if touching and self.kind == "NAME" else self._between()
        if self.keyword == "structure" and re.fullmatch(r"[xX]\d+", self.word):
            advice = f"try: `{self.before} x {self.word[1:]}`"
        return diagnose("PRE112", self.place, "nothing joins them", advice=advice, left=self.before, right=self.word)

    def _between(self) -> str:
        if "RSQB" in self.accepted and self.kind == "NUMBER":
            return "try: a comma between them; a matrix is written `((1, 2), (3, 4))`"
        if meant := FOREIGN.get(self.word.casefold()):
            return f"try: `{meant}`, on a line of its own"
        signs = "an operator such as `*`" + (" or a comma" if "COMMA" in self.accepted else "")
        return f"try: {signs} between them"

    def _unfinished(self) -> Diagnostic:
        due = _either(self._due())
        return diagnose("PRE102", self.place, f"{due} is due", advice=self._advice(), statement=self.keyword)

    def _out_of_place(self) -> Diagnostic:
        due = _either(self._due())
        label = f"not with {shown(self.word)}"
        return diagnose("PRE101", self.place, label, advice=self._advice(), statement=self.keyword, due=due)

    def _words(self) -> list[str]:
        """Return the words of the language that could stand here, with those that must follow on them."""
        words = (spelling(kind) for kind in sorted(self.accepted - _OPERATORS) if kind != "NOT")
        phrases = _PHRASES | _PHRASES_OF.get(self.keyword, {})
        return [phrases.get(word, word) for word in words if word and word[0].isalpha()]

    def _due(self) -> list[str]:
        """Say what could stand here, the most telling first."""
        due = []
        if self.wants_value:
            conditional = "NOT" in self.accepted and self.keyword in {"require", "avoid", "if", "either"}
            due.append("a condition" if conditional else "a value")
        elif "NUMBER" in self.accepted:
            due.append("a number")
        elif "UNIT" in self.accepted:
            due += [f"`{unit}`" for unit in UNITS]
        elif "NAME" in self.accepted and self.keyword == "solve":
            due += [f"`{word}`" for word in (WAYS if "SEED" in self.accepted else (*ENGINES, *METHODS))]
        elif "NAME" in self.accepted and self.keyword.startswith("reparameteri"):
            due += [f"`{word}`" for word in REPARAMETERISATIONS]
        elif "NAME" in self.accepted:
            due.append("a name")
        if "TEXT" in self.accepted:
            due.append("a file in double quotes")
        due += [f"`{word}`" for word in self._words()]
        if not self.wants_value:
            signs = {"EQUAL", "DOTS", "COMMA", "COLON", "LBRACE", "RPAR", "RSQB", "RBRACE", "PERCENT"} & self.accepted
            due += [f"`{spelling(kind)}`" for kind in sorted(signs)]
            if "LSQB" in self.accepted and not self.after_value:
                due.append("`[`")
            if "OR" in self.accepted and not due and not self.may_end:
                due.append("`or`")
            elif self.after_value and (not due or self.may_end):
                due.append("an operator")
        if "$END" in self.accepted:
            due.append("the end of the line")
        return due

    def _advice(self) -> str:
        if meant := near(self.word, self._words()):
            return f"try: `{meant}`"
        if "DOTS" in self.accepted and self.keyword in {"input", "integer"}:
            return "try: a range, `0..1`, or a catalogue, `{0.5, 0.8}`"
        if self.kind == "COLON" and "DOTS" in self.accepted:
            return "try: `..`, as in `0..3`; both ends belong to it"
        if self.kind == "DOTS" and "COLON" in self.accepted:
            return "try: `:`, as in `v[0:3]`; its end is left out"
        if self.word == "else":
            return "try: a second statement, `if not ... then ...`"
        if self.kind == "COMPARISON" and "IN" in self.accepted:
            return "try: both bounds, as in `in 0..1`"
        if self.kind == "LBRACE" and "IN" in self.accepted:
            return "try: `in` before it"
        if "OF" in self.accepted and self.before in _LIMITS:
            return f"try: `{_LIMITS[self.before]}`"
        if self.kind == "POWER":
            return "try: brackets, `(a**b)**c` or `a**(b**c)`"
        if self.kind == "NOT":
            return "try: leave out both"
        if self.kind == "SIGN" and self.before in "+-":
            return "try: one sign, or brackets, `-(-x)`"
        if self.kind == "IN" and self.keyword in {"param", "let"}:
            return "try: `input`, for what may be chosen"
        if self.kind == "COMMA" and "$END" in self.accepted:
            return "try: brackets around a list; a number takes no commas"
        return _examples(self.keyword)


def _unknown_sign(text: str, at: int) -> Diagnostic:
    end = at + 1
    while end < len(text) and text[end] == text[at]:
        end += 1
    advice = SIGN_ADVICE.get(text[at], "try: leave it out")
    return diagnose("PRE106", Span(at, end), "not understood", advice=advice, sign=shown(text[at:end]))


def _either(things: Sequence[str]) -> str:
    return things[0] if len(things) == 1 else ", ".join(things[:-1]) + " or " + things[-1]


def _examples(*keywords: str) -> str:
    lines = [example for keyword in keywords for example in STATEMENTS[keyword].examples]
    return "for example:\n" + "\n".join(f"  {line}" for line in lines)
