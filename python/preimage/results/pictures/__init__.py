"""Pictures of answers, with matplotlib: imported only when one is drawn."""

from preimage.results.pictures.bounds import plot_bounds
from preimage.results.pictures.designs import plot_designs
from preimage.results.pictures.gap import draw_gap
from preimage.results.pictures.pages import plot_result, plot_sweep, write

__all__ = ["draw_gap", "plot_bounds", "plot_designs", "plot_result", "plot_sweep", "write"]
