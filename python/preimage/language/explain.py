"""What a code means: in the terminal, and as a page of the reference."""

from __future__ import annotations

from textwrap import indent

from preimage.language.codes import CODES, FAMILIES, ROWS, Code


def explain(code: str) -> str:
    """Explain a code at length.

    Parameters
    ----------
    code
        As in a message, ``PRE204``; lower case and the bare number will do.

    Raises
    ------
    LookupError
        There is no such code; the error says so.
    """
    number = code.strip().upper()
    number = number if number.startswith("PRE") else f"PRE{number}"
    row = CODES.get(number)
    if row is None:
        raise LookupError(f"there is no code `{code}`; a code looks like PRE204")
    return (
        f"{row.code}: {row.title}\n\n{row.explanation.strip()}\n\n"
        f"Refused:\n\n{indent(row.wrong, '    ')}\n\nMeant:\n\n{indent(row.right, '    ')}"
    )


def messages_page() -> str:
    """Return the page of the reference that lists all codes, in Markdown."""
    parts = [
        "# Messages",
        "Every message has a code. `preimage explain CODE` shows in the terminal what stands here.",
    ]
    for digit, family in FAMILIES.items():
        rows = sorted((row for row in ROWS if row.code[3] == digit), key=lambda row: row.code)
        if rows:
            parts.append(f"## {family}")
            parts.extend(_entry(row) for row in rows)
    return "\n\n".join(parts) + "\n"


def _entry(row: Code) -> str:
    return (
        f"### {row.code}: {row.title}\n\n{row.explanation.strip()}\n\n"
        f"Refused:\n\n```text\n{row.wrong}\n```\n\nMeant:\n\n```text\n{row.right}\n```"
    )
