"""What can go wrong with answers and their files: coded like the messages of the language."""

from __future__ import annotations

from pathlib import Path

EXPLANATIONS = {
    "PRE701": (
        "A file is not a result\n\n"
        "A result file is a zip archive that `preimage solve -o` or `result.save` wrote. This file is something else:"
        " a problem (`.inv`), data, or a result of another program. Solve the problem again to get its result file."
    ),
    "PRE702": (
        "A result file is damaged\n\n"
        "The archive is cut short or its checksums do not fit: a copy that broke off, or a full disk."
        " Nothing in it can be trusted. Copy it again from where it was written, or solve the problem again."
    ),
    "PRE703": (
        "A result file was written by a newer version\n\n"
        "The file's format has a number that this version of Preimage does not know yet."
        " Upgrade with `pip install --upgrade preimage`, then load it again."
    ),
    "PRE704": (
        "A result file was altered\n\n"
        "A result carries a digest of everything in it, taken when it was saved. The content no longer fits the digest,"
        " so what it says is not what was solved. Use the file as it was saved, or solve the problem again."
    ),
    "PRE705": (
        "A file cannot be read or written\n\n"
        "The system refused: the folder is missing, the permission is missing, or the disk is full."
        " The reason that the system gave stands in the message. An answer that could not be saved is still printed:"
        " take it from there, or save it elsewhere with `-o`."
    ),
    "PRE706": (
        "A result does not hold\n\n"
        "`preimage check` found that a result contradicts itself, or what the source networks give on its design:"
        " the list in the message says where. A result that was solved and saved by Preimage never does so;"
        " if yours was, please report it with the file."
    ),
    "PRE707": (
        "There is no design\n\n"
        "The search ended without a design that holds: the problem is infeasible, or the limit came first."
        " `result.status` tells which; `result.message` says it in a sentence."
    ),
}
"""For each code of this room: a title, an empty line, and what to do."""


class ResultFileError(Exception):
    """A result file that cannot be read or written.

    Parameters
    ----------
    code
        One of the keys of `EXPLANATIONS`.
    path
        The file.
    reason
        What is wrong with it, as a clause.
    advice
        One thing to try.
    """

    def __init__(self, code: str, path: Path, reason: str, advice: str) -> None:
        super().__init__(code, path, reason, advice)
        self.code, self.path, self.reason, self.advice = code, path, reason, advice

    def __str__(self) -> str:
        return f"error[{self.code}]: {self.path}: {self.reason}\n   ╰─ try: {self.advice}"


class NoDesignError(Exception):
    """`Result.raise_for_status` found no design that holds.

    Attributes
    ----------
    status
        ``infeasible``, ``no design found`` or ``interrupted``.
    """

    code = "PRE707"

    def __init__(self, status: str, message: str) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message

    def __str__(self) -> str:
        return f"error[{self.code}]: {self.message}"
