"""Spectra of halftone prints: the Yule–Nielsen modified Neugebauer model with Demichel's overlaps.

Where every overprint is the product of its inks and the dots overlap at random, the sum over the 2^k Neugebauer
primaries factorises, so that no sum is needed:

    R(λ) = P(λ) · [ Π_i (1 - a_i + a_i T_i(λ)^(1/n)) ]^n

with the paper's reflectance P, area coverages a, transmittances T of the inks (light passes twice) and the
Yule–Nielsen factor n.

References
----------
H. E. J. Neugebauer 1937; M. E. Demichel 1924; J. A. C. Yule and W. J. Nielsen 1951.
"""

from __future__ import annotations

import numpy as np

from preimage.applications.training import Array

WAVELENGTHS = np.arange(400.0, 701.0, 10.0)
"""Bands in nm."""


def process_inks() -> Array:
    """Return transmittances of a cyan, magenta, yellow and black ink at `WAVELENGTHS`: 4 x 31, in 0..1.

    The optical densities are smooth curves of the usual shapes, not measurements.
    """
    cyan = 1.5 / (1.0 + np.exp(-(WAVELENGTHS - 590.0) / 16.0)) + 0.12 * np.exp(-(((WAVELENGTHS - 420.0) / 40.0) ** 2))
    left, right = 45.0, 28.0
    width = np.where(WAVELENGTHS < 550.0, left, right)
    magenta = 1.4 * np.exp(-(((WAVELENGTHS - 550.0) / width) ** 2) / 2.0) + 0.08
    yellow = 1.3 / (1.0 + np.exp((WAVELENGTHS - 490.0) / 10.0)) + 0.02
    black = 1.6 + 0.1 * np.cos((WAVELENGTHS - 400.0) / 150.0)
    return np.asarray(10.0 ** -np.stack([cyan, magenta, yellow, black]))


def reflectance(areas: Array, transmittances: Array, *, paper: float = 0.9, yule_nielsen: float = 2.0) -> Array:
    """Return the reflectance of prints.

    Parameters
    ----------
    areas
        Coverages in 0..1; prints x inks.
    transmittances
        Inks x bands.
    paper
        Reflectance of the bare paper.
    yule_nielsen
        The factor n: 1 without light spreading in the paper, about 2 on ordinary paper.

    Returns
    -------
    Array
        Prints x bands.
    """
    roots = transmittances ** (1.0 / yule_nielsen)
    light = 1.0 - areas[:, :, None] * (1.0 - roots)
    return np.asarray(paper * np.prod(light, axis=1) ** yule_nielsen)
