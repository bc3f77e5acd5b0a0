"""Bounds of neurons over what designs may be, tightened layer by layer: Algorithm 1 of Ansari, Seidel and Babaei (2022)."""
