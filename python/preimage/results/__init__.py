"""Answers: results with their certificates, sweeps, files and pictures."""

from preimage.results.archive import load
from preimage.results.check import Evaluation, Finding, Report
from preimage.results.errors import NoDesignError, ResultFileError
from preimage.results.result import Result, Status
from preimage.results.sweep import Sweep

__all__ = [
    "Evaluation",
    "Finding",
    "NoDesignError",
    "Report",
    "Result",
    "ResultFileError",
    "Status",
    "Sweep",
    "load",
]
