"""The language of problems: from a text to a checked problem, or to messages that say what is wrong with it."""

from preimage.language.checker import check
from preimage.language.codes import CODES, Code
from preimage.language.explain import explain
from preimage.language.format import format_text
from preimage.language.messages import Diagnostic, ProblemErrors
from preimage.language.parse import parse

__all__ = ["CODES", "Code", "Diagnostic", "ProblemErrors", "check", "explain", "format_text", "parse"]
