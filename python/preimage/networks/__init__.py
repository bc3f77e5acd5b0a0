"""Trained networks, from files and from live objects, as graphs that are checked against their source."""

from preimage.networks.load import load
from preimage.networks.network import ImportRefused, Network
from preimage.networks.save import save_safetensors

__all__ = ["ImportRefused", "Network", "load", "save_safetensors"]
