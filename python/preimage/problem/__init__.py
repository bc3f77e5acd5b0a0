"""From a checked problem to the model that the engines work on."""

from preimage.problem.compile import compile_problem
from preimage.problem.inversion import Inversion

__all__ = ["Inversion", "compile_problem"]
