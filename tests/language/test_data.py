"""Numbers and labels from files and from Python values."""

import io
import json
import tracemalloc
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preimage.language import archives, data
from preimage.language.data import bound, read, read_labels
from preimage.language.values import DataRefused


def _read(folder: Path, name: str, content: str | bytes, key: str | None = None) -> data.Data:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, name, key)


def _refusal(folder: Path, name: str, content: str | bytes, key: str | None = None) -> str:
    with pytest.raises(DataRefused) as caught:
        _read(folder, name, content, key)
    found = caught.value.diagnostic()
    return f"{found.code} {found.message}"


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n3,4.5\n",
        "1,2\r\n3,4.5",
        "\ufeff1,2\n3,4.5\n",
        "x,y\n1,2\n3,4.5\n",
        "width (µm), height\n1, 2\n3, 4.5\n",
        "# made by a spectrometer\n\n1,2  # first\n\n3,4.5\n",
        "1;2\n3;4.5\n",
        "1\t2\n3\t4.5\n",
        "  1   2\n 3  4.5 \n",
        "a spectrum\n1,2\n3,4.5",
        "1.0e0,+2\n3.,45E-1\n",
    ],
)
def test_tables(tmp_path: Path, text: str) -> None:
    found = _read(tmp_path, "table.csv", text)
    assert found.tabular
    np.testing.assert_array_equal(found.values, [[1, 2], [3, 4.5]])


def test_titles_that_are_numbers_are_data(tmp_path: Path) -> None:
    assert _read(tmp_path, "spectra.csv", "400,500\n0.1,0.2\n").values.shape == (2, 2)
    assert _read(tmp_path, "spectra.csv", "#400,500\n0.1,0.2\n").values.shape == (1, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2\n3\n", "PRE246 `table.csv` is ragged: line 2 has 1 number, line 1 has 2"),
        ("x,y\n1,2\n\n3,4,5\n", "PRE246 `table.csv` is ragged: line 4 has 3 numbers, line 2 has 2"),
        ("1,2\n3,x\n", "PRE247 `table.csv`, line 2, column 2, is not a number: `x`"),
        ("1,2\n3,1_000\n", "PRE247 `table.csv`, line 2, column 2, is not a number: `1_000`"),
        ("1,2\n3,\n", "PRE247 `table.csv`, line 2, column 2, is not a number: the cell is empty"),
        ("1,2\nnan,3\n", "PRE248 `table.csv`, line 2, column 1, is NaN"),
        ("1,2\n3,1e999\n", "PRE248 `table.csv`, line 2, column 2, is infinite"),
        ("", "PRE249 `table.csv` holds no numbers"),
        ("# only a remark\n", "PRE249 `table.csv` holds no numbers"),
        ("x,y\n", "PRE249 `table.csv` holds no numbers, only titles on line 1"),
        ("x,y\nu,v\n1,2\n", "PRE247 `table.csv`, line 2, column 1, is not a number: `u`"),
        ("1;0,5\n2;0,25\n", "PRE247 `table.csv`, line 1, column 2, is not a number: `0,5`"),
        (b"1,2\n\xb5,3\n", "PRE245 `table.csv` is unreadable: on line 2, the byte 0xb5 is not UTF-8 text"),
        ("1,2\n".encode("utf-16"), "PRE245 `table.csv` is unreadable: it is UTF-16 text"),
        (b"\x00\x01", "PRE245 `table.csv` is unreadable: it is not text"),
    ],
)
def test_tables_that_are_refused(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert _refusal(tmp_path, "table.csv", text) == message


@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3), min_size=1))
def test_tables_keep_every_bit(tmp_path_factory: pytest.TempPathFactory, rows: list[list[float]]) -> None:
    text = "\n".join(",".join(map(repr, row)) for row in rows)
    found = _read(tmp_path_factory.mktemp("tables"), "table.csv", text)
    np.testing.assert_array_equal(found.values, rows)


def test_json(tmp_path: Path) -> None:
    assert _read(tmp_path, "a.json", "[[1, 2], [3, 4]]").values.tolist() == [[1, 2], [3, 4]]
    assert _read(tmp_path, "a.json", "3.5").values.shape == ()
    refused = {
        "[[1, 2], [3]]": "PRE246 `a.json` is ragged: [1] has 1 entries, [0] has 2 entries",
        "[1, [2, 3]]": "PRE246 `a.json` is ragged: [0] is one number, [1] has 2 entries",
        '[1, "two"]': 'PRE247 `a.json`, entry [1], is not a number: the text "two"',
        "[1, NaN]": "PRE248 `a.json`, entry [1], is NaN",
        "[]": "PRE249 `a.json` holds no numbers",
        "null": "PRE251 `a.json` is None, not numbers",
        '{"b": 1}': 'PRE245 `a.json` is unreadable: it holds an object with "b"',
        "[" * 100_000: "PRE245 `a.json` is unreadable: it is nested too deeply",
        "[1": "PRE245 `a.json` is unreadable: line 1, column 3 is not JSON: expecting ',' delimiter",
    }
    for text, message in refused.items():
        assert _refusal(tmp_path, "a.json", text) == message


def _npy(array: np.ndarray, *, allow_pickle: bool = False) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=allow_pickle)
    return stream.getvalue()


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", ">f8", "i4", "u1", "i8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy(tmp_path: Path, dtype: str, order: str) -> None:
    array = np.arange(6).reshape(2, 3).astype(dtype, order=order)
    found = _read(tmp_path, "a.npy", _npy(array))
    assert not found.tabular
    assert found.values.dtype == np.float64
    np.testing.assert_array_equal(found.values, array)


def test_truth_values_are_masks(tmp_path: Path) -> None:
    assert _read(tmp_path, "a.npy", _npy(np.array([True, False]))).mask
    assert not _read(tmp_path, "a.npy", _npy(np.array([1, 0]))).mask


def test_npy_that_is_refused(tmp_path: Path) -> None:
    whole = _npy(np.arange(100.0))
    boast = whole.replace(b"(100,), ", b"(10**9,)")
    huge = whole.replace(b"(100,), }", b"(999999999999,), }"[:9].ljust(9))
    assert _refusal(tmp_path, "a.npy", whole[:-8]).startswith("PRE245 `a.npy` is unreadable: it is cut short")
    assert _refusal(tmp_path, "a.npy", b"") == "PRE245 `a.npy` is unreadable: it is not a numpy array"
    assert _refusal(tmp_path, "a.npy", whole[:40]).startswith("PRE245")
    assert _refusal(tmp_path, "a.npy", boast).startswith("PRE245")
    assert _refusal(tmp_path, "a.npy", huge).startswith("PRE245")
    objects = _npy(np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert "pickled Python objects, which are never loaded" in _refusal(tmp_path, "a.npy", objects)
    records = _npy(np.zeros(3, dtype=[("x", "f8"), ("y", "f8")]))
    assert "records with the fields x, y" in _refusal(tmp_path, "a.npy", records)
    assert "complex" in _refusal(tmp_path, "a.npy", _npy(np.array([1j])))
    assert _refusal(tmp_path, "a.npy", _npy(np.array([1.0, np.nan]))) == "PRE248 `a.npy`, entry [1], is NaN"
    assert _refusal(tmp_path, "a.npy", _npy(np.zeros((2, 0)))).startswith("PRE249")


def _npz(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def test_npz(tmp_path: Path) -> None:
    two = _npz(grey=np.full(3, 0.5), cyan=np.arange(3.0))
    assert _read(tmp_path, "a.npz", _npz(grey=np.full(3, 0.5))).values.tolist() == [0.5] * 3
    assert _read(tmp_path, "a.npz", two, "cyan").values.tolist() == [0, 1, 2]
    assert _refusal(tmp_path, "a.npz", two) == 'PRE250 `a.npz` holds 2 arrays: "grey", "cyan"'
    assert _refusal(tmp_path, "a.npz", two, "gray") == 'PRE250 `a.npz` has no array "gray", only "grey", "cyan"'
    assert _refusal(tmp_path, "a.npz", two[:60]).startswith("PRE245")
    assert _refusal(tmp_path, "a.npz", _npz()) == "PRE249 `a.npz` holds no numbers"


def test_a_bomb_of_an_archive_is_not_unpacked(tmp_path: Path) -> None:
    header = {"descr": "<f8", "fortran_order": False, "shape": (40_000_000,)}
    archive = zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED)
    with archive, archive.open("a.npy", "w", force_zip64=True) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for _ in range(320):
            file.write(bytes(1_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(DataRefused, match="PRE243"):
            read(tmp_path / "a.npz", "a.npz")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_sizes_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "LARGEST_TEXT", 100)
    assert _refusal(tmp_path, "a.csv", "1\n" * 51).startswith("PRE243 `a.csv` is too large")
    monkeypatch.setattr(archives, "LARGEST_ARRAY", 10)
    assert _refusal(tmp_path, "a.npy", _npy(np.zeros(11))) == (
        "PRE243 `a.npy` is too large: 11 numbers, and the limit is 10"
    )


def test_files_that_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "rest-pose.csv").write_text("1")
    (tmp_path / "folder.csv").mkdir()
    for name, code in [
        ("rest_pose.csv", "PRE241"),
        ("folder.csv", "PRE242"),
        ("a\0b.csv", "PRE242"),
        ("a.xlsx", "PRE244"),
    ]:
        with pytest.raises(DataRefused, match=code):
            read(tmp_path / name, name)
    with pytest.raises(DataRefused) as caught:
        read(tmp_path / "rest_pose.csv", "rest_pose.csv")
    assert caught.value.diagnostic().advice == "try: `rest-pose.csv`, which is in the same folder"
    with pytest.raises(DataRefused, match="PRE242"):
        data.read_bytes(Path("/dev/zero"), "zero", 10)


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.npy", "a.npz", "a.json", "a.txt"]))
def test_garbage_is_refused_or_numbers(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:
    try:
        found = _read(tmp_path_factory.mktemp("garbage"), name, content)
    except DataRefused:
        return
    assert np.isfinite(found.values).all()


@pytest.mark.parametrize("seed", range(40))
def test_damaged_archives_are_refused_or_numbers(tmp_path: Path, seed: int) -> None:
    generator = np.random.default_rng(seed)
    for name, whole in (("a.npz", _npz(a=np.arange(9.0))), ("a.npy", _npy(np.arange(9.0)))):
        damaged = bytearray(whole)
        for position in generator.integers(0, len(damaged), 4):
            damaged[position] = generator.integers(0, 256)
        try:
            found = _read(tmp_path, name, bytes(damaged))
        except DataRefused:
            continue
        assert np.isfinite(found.values).all()


class _Tensor:
    """Looks like a torch tensor that is being differentiated, in bfloat16."""

    dtype = "torch.bfloat16"

    def detach(self) -> "_Tensor":
        return self

    cpu = detach
    double = detach

    def is_floating_point(self) -> bool:
        return True

    def numpy(self) -> np.ndarray:
        return np.array([1.0, 2.0])


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        (3, 3),
        (2.5, 2.5),
        (Fraction(1, 4), 0.25),
        (10**30, 1e30),
        ([1, 2, 3], [1, 2, 3]),
        ((1, (2)), [1, 2]),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
        (np.float32(0.5), 0.5),
        (np.arange(3, dtype=np.int16), [0, 1, 2]),
        ([np.array([1, 2]), np.array([3, 4])], [[1, 2], [3, 4]]),
        (_Tensor(), [1, 2]),
        ("0.25", 0.25),
        ("[1, 2]", [1, 2]),
        (range(3), [0, 1, 2]),
    ],
)
def test_values(given_value: object, expected: object) -> None:
    np.testing.assert_array_equal(bound(given_value, "r").values, np.asarray(expected, dtype=float))


def test_torch_tensors() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.tensor([1.0, 2.0], dtype=torch.bfloat16, requires_grad=True)
    assert bound(tensor, "r").values.tolist() == [1, 2]
    assert bound(torch.tensor([True, False]), "r").mask
    assert not bound(torch.tensor([1, 0]), "r").mask
    with pytest.raises(DataRefused, match="PRE251"):
        bound(torch.eye(3).to_sparse(), "r")


def test_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"x": [1, 2], "y": [3.0, 4.0]})
    assert bound(table, "r").values.tolist() == [[1, 3], [2, 4]]
    assert bound(table["x"], "r").values.tolist() == [1, 2]
    with pytest.raises(DataRefused, match="PRE2"):
        bound(pandas.DataFrame({"x": ["a", "b"]}), "r")


@pytest.mark.parametrize(
    ("given_value", "code"),
    [
        (None, "PRE251"),
        ({"a": 1}, "PRE251"),
        (print, "PRE251"),
        ([1, None], "PRE247"),
        ([1, "2"], "PRE247"),
        ([[1, 2], [3]], "PRE246"),
        (1j, "PRE251"),
        ([], "PRE249"),
        (float("nan"), "PRE248"),
        (np.ma.masked_array([1.0, 2.0], mask=[True, False]), "PRE248"),
        (10**400, "PRE2"),
        ("missing.csv", "PRE241"),
    ],
)
def test_values_that_are_refused(given_value: object, code: str) -> None:
    with pytest.raises(DataRefused, match=code):
        bound(given_value, "r")


def test_values_are_copies() -> None:
    array = np.arange(3.0)
    found = bound(array, "r")
    array[0] = 7
    assert found.values.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="read-only"):
        found.values[0] = 1


def test_digests_tell_content_and_shape() -> None:
    digests = {bound(value, "r").digest for value in (1, [1], [[1]], [1, 2], [[1, 2]], [[1], [2]], [2, 1])}
    assert len(digests) == 7
    assert bound([1, 2], "r").digest == bound(np.array([1.0, 2.0]), "s").digest


def test_paths_as_values(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(_npz(grey=np.ones(2), cyan=np.zeros(2)))
    (tmp_path / "a.csv").write_text("1,2\n")
    assert bound(tmp_path / "a.csv", "r").values.tolist() == [[1, 2]]
    assert bound(f'{tmp_path}/a.npz["cyan"]', "r").values.tolist() == [0, 0]
    assert bound(f"{tmp_path}/a.npz[grey]", "r").values.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "cyan\nmagenta\nyellow\n"),
        ("a.csv", "cyan,magenta,yellow\n"),
        ("a.csv", "ink,price\ncyan,3\nmagenta,4\nyellow,5\n"),
        ("a.csv", '"cyan",3\n"magenta",4\n"yellow",5\n'),
        ("a.txt", "\ufeffcyan\r\nmagenta\r\nyellow\r\n\r\n"),
        ("a.json", json.dumps(["cyan", "magenta", "yellow"])),
    ],
)
def test_labels(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_labels(tmp_path / name, name, 3)[0] == ("cyan", "magenta", "yellow")


def test_labels_with_commas_and_signs(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('"cyan, light"\n#00ffff\n', encoding="utf-8")
    assert read_labels(tmp_path / "a.csv", "a.csv", 2)[0] == ("cyan, light", "#00ffff")


@pytest.mark.parametrize("text", ["a\nb\n", "a\na\nb\n", "a\n\x1b[31m\nb\n", "a,,b\n", '["a", "b", 3]'])
def test_labels_that_are_refused(tmp_path: Path, text: str) -> None:
    name = "a.json" if text.startswith("[") else "a.csv"
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataRefused, match="PRE252"):
        read_labels(tmp_path / name, name, 3)
