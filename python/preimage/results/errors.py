"""What can go wrong with answers and their files: coded like the messages of the language."""

from __future__ import annotations

from pathlib import Path

from preimage.language.diagnostic import Diagnostic, diagnose
from preimage.language.render import render


class CodedError(Exception):
    """A failure that a code explains.

    Attributes
    ----------
    diagnostic
        What is wrong, and one thing to try.
    """

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic

    @property
    def code(self) -> str:
        """What ``preimage explain`` knows it by."""
        return self.diagnostic.code

    def __str__(self) -> str:
        return self.render()

    def render(self, *, colour: bool = False) -> str:
        """Return the message as text, with ANSI colours if ``colour``."""
        return render(self.diagnostic, "", colour=colour)


class ResultFileError(CodedError):
    """A file of an answer that cannot be read or written.

    Parameters
    ----------
    code
        Of the family 7 of `preimage.language.CODES`.
    path
        The file.
    advice
        One thing to try.
    **values
        Fill the template of the code.
    """

    def __init__(self, code: str, path: Path, advice: str, **values: object) -> None:
        super().__init__(diagnose(code, None, "", others=(), advice=f"try: {advice}", file=str(path), **values))
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.diagnostic, {"path": self.path})

    @classmethod
    def not_written(cls, path: Path, error: OSError) -> ResultFileError:
        """Say that the system refused to write."""
        return cls("PRE705", path, "another folder or disk", done="written", reason=_why(error))

    @classmethod
    def not_read(cls, path: Path, error: OSError) -> ResultFileError:
        """Say that the system refused to read."""
        return cls("PRE705", path, "the path of a file that is there", done="read", reason=_why(error))


class NoDesignError(CodedError):
    """`Result.raise_for_status` found no design that holds.

    Attributes
    ----------
    status
        ``infeasible``, ``no design found`` or ``interrupted``.
    """

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(diagnose("PRE707", None, reason=reason))
        self.status = status

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.diagnostic, {"status": self.status})


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _again(kind: type[CodedError], diagnostic: Diagnostic, values: dict[str, object]) -> CodedError:
    """Unpickle: the parameters of a constructor are not its attributes."""
    error = kind.__new__(kind)
    CodedError.__init__(error, diagnostic)
    error.__dict__.update(values)
    return error
