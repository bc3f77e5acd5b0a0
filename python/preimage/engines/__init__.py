"""The engines, and the one record that they share."""

from preimage.engines.adjoint import adjoint
from preimage.engines.branch import branch
from preimage.engines.milp import milp
from preimage.engines.plan import Plan, plan
from preimage.engines.portfolio import Effort, Engine, run_side_by_side
from preimage.engines.run import ENGINES, Run, run
from preimage.engines.search import BrokenCertificate, Search, Snapshot, TraceRow

__all__ = [
    "ENGINES",
    "BrokenCertificate",
    "Effort",
    "Engine",
    "Plan",
    "Run",
    "Search",
    "Snapshot",
    "TraceRow",
    "adjoint",
    "branch",
    "milp",
    "plan",
    "run",
    "run_side_by_side",
]
