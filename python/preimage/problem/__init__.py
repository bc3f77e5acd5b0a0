"""From a checked problem to the model that the engines work on."""

from preimage.problem.inversion import Inversion, compile_problem

__all__ = ["Inversion", "compile_problem"]
