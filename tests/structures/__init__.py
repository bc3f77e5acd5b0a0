"""A package, so that it is not mistaken for the benchmark of its name."""
