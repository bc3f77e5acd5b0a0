"""Bounds of neurons over what designs may be, tightened layer by layer, and of what is better than a known design."""
