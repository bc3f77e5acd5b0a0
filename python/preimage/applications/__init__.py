"""Simulators, and the small networks trained on them, behind the examples."""
