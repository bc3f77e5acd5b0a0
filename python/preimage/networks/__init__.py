"""Trained networks, from files and from live objects, as graphs that are checked against their source."""

from preimage.networks.load import load
from preimage.networks.network import ImportRefused, Network

__all__ = ["ImportRefused", "Network", "load"]
