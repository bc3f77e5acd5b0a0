"""Completion inside ``%%invert`` cells: the words of the language, the names of the cell, and of the notebook."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from preimage.language.words import (
    CONSTANTS,
    ENGINES,
    FUNCTIONS,
    METHODS,
    REPARAMETERISATIONS,
    RESERVED,
    SOFT,
    STATEMENTS,
    WAYS,
)

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

NAMES = (*FUNCTIONS, *CONSTANTS)
CONNECTIVES = tuple(sorted((RESERVED | SOFT) - STATEMENTS.keys() | {"filter", "target"}))
CONNECTIVES += ENGINES + WAYS + METHODS + REPARAMETERISATIONS + ("compliance",)

NO_DATA = {"builtin_function_or_method", "function", "method", "module"}

DECLARED = re.compile(r"^\s*(?:network|param|targets?|input|integer|binary|let)\s+([^\W\d]\w*)", re.MULTILINE)
FIRST_WORD = re.compile(r"\s*\w*")
BOUND_FROM = re.compile(r"\s*(?:network|param|targets?)\s+(?:\w+\s+from\s+)?\w*")


def words(text: str, line: int, typed: str, namespace: Mapping[str, object]) -> tuple[str, list[str]]:
    """Return the word being typed and what may stand in its place.

    Parameters
    ----------
    text
        The whole cell, with its ``%%invert`` line.
    line
        The line of the cursor, from 0.
    typed
        That line up to the cursor.
    namespace
        The notebook's names.
    """
    match = re.search(r"[^\W\d]\w*$", typed)
    fragment = match[0] if match else ""
    if line == 0 or "#" in typed or typed.count('"') % 2:
        return fragment, []
    if FIRST_WORD.fullmatch(typed):
        offered: Iterable[str] = STATEMENTS
    elif BOUND_FROM.fullmatch(typed):
        offered = sorted(name for name in namespace if _is_data(name, namespace[name]))
        offered = [*offered, "from"] if fragment and "from " not in typed else offered
    else:
        others = "\n".join(row for k, row in enumerate(text.splitlines()) if k != line)
        offered = [*DECLARED.findall(others), *NAMES, *CONNECTIVES]
    return fragment, [word for word in dict.fromkeys(offered) if word.startswith(fragment) and word != fragment]


def _is_data(name: str, value: Any) -> bool:
    """Return whether the name of a notebook looks like data or a network: no modules, classes, or shell internals."""
    public = (
        not name.startswith("_") and not keyword.iskeyword(name) and name not in {"In", "Out", "exit", "quit", "open"}
    )
    return public and not isinstance(value, type) and type(value).__name__ not in NO_DATA


def register_completion(shell: InteractiveShell) -> None:
    """Offer completions in the cells of ``%%invert`` instead of those of Python."""

    @context_matcher(identifier="preimage")
    def matcher(context: CompletionContext) -> SimpleMatcherResult:
        if not re.match(r"%%invert\b", context.full_text) or context.cursor_line == 0:
            return SimpleMatcherResult(completions=[])
        fragment, offered = words(context.full_text, context.cursor_line, context.text_until_cursor, shell.user_ns)
        if not offered and fragment and context.text_until_cursor.count('"') % 2 == 0:
            offered = [fragment]  # with nothing to offer, IPython would offer Python's words
        return SimpleMatcherResult(
            completions=[SimpleCompletion(text=word, type="preimage") for word in offered],
            matched_fragment=fragment,
            suppress=True,
        )

    shell.Completer.custom_matchers.insert(0, matcher)


def remove_completion(shell: InteractiveShell) -> None:
    """Take the completion out again."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [matcher for matcher in matchers if getattr(matcher, "matcher_identifier", "") != "preimage"]
