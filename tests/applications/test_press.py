"""The press example: its reader, its data, and what is promised about its network."""

from pathlib import Path

import numpy as np
import pytest

from preimage.applications.press import Characterisation, colour_difference, fit_press, read_characterisation
from preimage.applications.training import Dense

TABLE = """CTI3

KEYWORD "COLOR_REP"
COLOR_REP "CMYK_LAB"
DESCRIPTOR "a press"
NUMBER_OF_FIELDS 8
BEGIN_DATA_FORMAT
SAMPLE_ID CMYK_C CMYK_M CMYK_Y CMYK_K LAB_L LAB_A LAB_B
END_DATA_FORMAT
NUMBER_OF_SETS 3
BEGIN_DATA
1 0 0 0 0 95.00 0.00 -2.00
2 100 0 40 0 55.0 -37 -50
3 0 0 0 0 94.00 1.00 -2.00
END_DATA
"""


def test_reads_a_table_and_averages_repeated_patches(tmp_path: Path) -> None:
    path = tmp_path / "press.ti3"
    path.write_text(TABLE.replace("\n", "\r\n"), encoding="latin-1")
    data = read_characterisation(path)
    np.testing.assert_array_equal(data.inks, [[0, 0, 0, 0], [1, 0, 0.4, 0]])
    np.testing.assert_allclose(data.colours, [[94.5, 0.5, -2], [55, -37, -50]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TABLE.replace("CMYK_K", "CMYK_X"), "no column CMYK_K"),
        (TABLE.replace("BEGIN_DATA\n", ""), "not a CGATS table"),
        (TABLE.replace("-50\n", "\n"), "ragged"),
        ("", "not a CGATS table"),
    ],
)
def test_says_what_is_wrong_with_a_table(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "press.ti3"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=message):
        read_characterisation(path)


@pytest.fixture(scope="module")
def shipped(repository: Path) -> Path:
    return repository / "examples" / "press"


@pytest.fixture(scope="module")
def patches(shipped: Path) -> Characterisation:
    table = np.loadtxt(shipped / "fogra39.csv", delimiter=",", skiprows=1)
    return Characterisation(table[:, :4], table[:, 4:])


@pytest.fixture(scope="module")
def network(shipped: Path) -> Dense:
    arrays = np.load(shipped / "press.npz")
    return Dense(tuple(arrays[f"W{i}"] for i in (1, 2, 3)), tuple(arrays[f"b{i}"] for i in (1, 2, 3)))


def test_the_shipped_network_prints_the_shipped_patches(patches: Characterisation, network: Dense) -> None:
    assert patches.inks.shape == (1588, 4)
    error = colour_difference(network(patches.inks), patches.colours)
    assert error.mean() < 0.3
    assert np.quantile(error, 0.99) < 2


def test_the_solids_are_those_of_the_standard(patches: Characterisation) -> None:
    """ISO 12647-2, paper types 1 and 2: the aims of Fogra 39."""
    aims = {
        (0, 0, 0, 0): (95, 0, -2),
        (0, 0, 0, 1): (16, 0, 0),
        (1, 0, 0, 0): (55, -37, -50),
        (0, 1, 0, 0): (48, 74, -3),
    }
    for inks, colour in aims.items():
        (patch,) = np.flatnonzero(np.all(patches.inks == inks, axis=1))
        np.testing.assert_allclose(patches.colours[patch], colour, atol=0.01)


@pytest.mark.slow
def test_training_keeps_what_the_readme_promises(patches: Characterisation) -> None:
    network, errors = fit_press(patches)
    assert len(errors) == 217
    assert errors.mean() < 0.55
    assert np.quantile(errors, 0.95) < 1.3
    assert network.weights[0].shape == (50, 4)
