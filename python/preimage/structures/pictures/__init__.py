"""Pictures of structures, with matplotlib: imported only when one is drawn."""

from preimage.structures.pictures.page import plot_energy, plot_structure

__all__ = ["plot_energy", "plot_structure"]
