"""Answers: results with their certificates, sweeps, files and pictures."""

from preimage.results.archive import load
from preimage.results.candidates import Candidate, WorstCase
from preimage.results.check import Evaluation, Finding, Report
from preimage.results.errors import NoDesignError, ResultFileError
from preimage.results.result import Result, Status
from preimage.results.sweep import Sweep

__all__ = [
    "Candidate",
    "Evaluation",
    "Finding",
    "NoDesignError",
    "Report",
    "Result",
    "ResultFileError",
    "Status",
    "Sweep",
    "WorstCase",
    "load",
]
