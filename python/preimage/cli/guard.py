"""From what went wrong to a message and an exit code; a bug keeps its traceback."""

from __future__ import annotations

from collections.abc import Callable

from preimage.cli import exit_codes


def guarded(command: Callable[[], int], no_color: bool = False) -> int:
    """Run ``command``; return its exit code, or that of the failure that it met and that was told on stderr."""
    from preimage.cli.terminal import make_printable, remark, report
    from preimage.engines.search import BrokenCertificate
    from preimage.language import ProblemErrors
    from preimage.language.diagnostic import diagnose
    from preimage.results.errors import CodedError

    make_printable()
    try:
        return command()
    except ProblemErrors as errors:
        report(errors, no_color)
        return exit_codes.PROBLEM
    except CodedError as error:
        report(error, no_color)
        return exit_codes.FAILED
    except BrokenCertificate as error:
        report(CodedError(diagnose("PRE708", None, reason=str(error))), no_color)
        return exit_codes.FAILED
    except KeyboardInterrupt:
        remark("interrupted")
        return exit_codes.INTERRUPTED
