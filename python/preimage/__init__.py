"""Inverse design with a certificate: which design makes a network give this, and how good is the answer, proved.

The public names are loaded when they are first used, so that ``import preimage`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from preimage._core import __version__

if TYPE_CHECKING:
    from preimage.assessment import assess
    from preimage.bounds.record import Tightening
    from preimage.bounds.tighten import tighten
    from preimage.certification import CertificateError, certify, verify
    from preimage.engines.search import BrokenCertificate, Snapshot, TraceRow
    from preimage.inversion import Interrupted, invert
    from preimage.language import ProblemErrors, check
    from preimage.results import Result, Sweep, load
    from preimage.results.certificate import Certificate

_HOMES = {
    "BrokenCertificate": "preimage.engines.search",
    "Certificate": "preimage.results.certificate",
    "CertificateError": "preimage.certification",
    "Interrupted": "preimage.inversion",
    "ProblemErrors": "preimage.language",
    "Result": "preimage.results",
    "Snapshot": "preimage.engines.search",
    "Sweep": "preimage.results",
    "Tightening": "preimage.bounds.record",
    "TraceRow": "preimage.engines.search",
    "assess": "preimage.assessment",
    "certify": "preimage.certification",
    "check": "preimage.language",
    "invert": "preimage.inversion",
    "load": "preimage.results",
    "tighten": "preimage.bounds.tighten",
    "verify": "preimage.certification",
}

__all__ = [
    "BrokenCertificate",
    "Certificate",
    "CertificateError",
    "Interrupted",
    "ProblemErrors",
    "Result",
    "Snapshot",
    "Sweep",
    "Tightening",
    "TraceRow",
    "__version__",
    "assess",
    "certify",
    "check",
    "invert",
    "load",
    "tighten",
    "verify",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'preimage' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Add ``%%invert`` and ``%invert`` to a notebook: ``%load_ext preimage``."""
    import_module("preimage.notebook").load_ipython_extension(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take the magics out again: ``%unload_ext preimage``."""
    import_module("preimage.notebook").unload_ipython_extension(shell)
