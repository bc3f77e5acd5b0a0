"""The ``preimage`` command: a thin shell over `preimage.invert` and the files of answers."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from preimage.cli.app import run

    sys.exit(run(sys.argv[1:]))


__all__ = ["main"]
