"""The factorised print model against the sum that it stands for."""

import itertools

import numpy as np

from preimage.applications.inks import WAVELENGTHS, process_inks, reflectance


def neugebauer(areas: np.ndarray, inks: np.ndarray, paper: float, n: float) -> np.ndarray:
    """The textbook form: the sum over all overprints, weighted by Demichel's areas."""
    total = np.zeros(inks.shape[1])
    for printed in itertools.product((0, 1), repeat=len(areas)):
        share = np.prod([a if p else 1 - a for a, p in zip(areas, printed, strict=True)])
        primary = paper * np.prod([ink for ink, p in zip(inks, printed, strict=True) if p], axis=0)
        total += share * primary ** (1 / n)
    return total**n


def test_reflectance_is_the_neugebauer_sum() -> None:
    areas = np.random.default_rng(0).random((20, 4))
    for n in (1.0, 2.0, 5.0):
        expected = [neugebauer(a, process_inks(), 0.9, n) for a in areas]
        np.testing.assert_allclose(reflectance(areas, process_inks(), yule_nielsen=n), expected, rtol=1e-12)


def test_bare_paper_and_solids() -> None:
    inks = process_inks()
    np.testing.assert_allclose(reflectance(np.zeros((1, 4)), inks, paper=0.8), 0.8)
    np.testing.assert_allclose(reflectance(np.eye(4), inks, paper=0.8), 0.8 * inks)


def test_inks_absorb_what_their_names_say() -> None:
    cyan, magenta, yellow, black = process_inks()
    assert np.all((process_inks() > 0) & (process_inks() < 1))
    blue, green, red = WAVELENGTHS < 480, (WAVELENGTHS > 520) & (WAVELENGTHS < 570), WAVELENGTHS > 620
    assert cyan[red].max() < 0.2 < 0.7 < cyan[green].max()
    assert magenta[green].max() < 0.2 < 0.7 < magenta[red].max()
    assert yellow[blue].max() < 0.25 < 0.9 < yellow[red].min()
    assert black.max() < 0.05
