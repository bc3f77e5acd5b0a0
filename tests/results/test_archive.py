import dataclasses
import errno
import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from results.samples import EVERY, four_inks, sweep
from results.strategies import results

import preimage
from preimage.results import Result, ResultFileError, Sweep, archive, load, writing
from preimage.results.container import digest


@given(results)
def test_loading_gives_back_what_was_saved(tmp_path_factory: pytest.TempPathFactory, result: Result) -> None:
    path = tmp_path_factory.getbasetemp() / "one.result"
    assert result.save(path) == path
    assert Result.load(path) == result
    assert preimage.load(path) == result


@given(st.lists(results, max_size=3))
def test_sweeps_too(tmp_path_factory: pytest.TempPathFactory, rows: list[Result]) -> None:
    path = tmp_path_factory.getbasetemp() / "many.result"
    Sweep(rows).save(path)
    assert Sweep.load(path) == Sweep(rows)


@pytest.mark.parametrize("make", EVERY)
def test_samples(tmp_path: Path, make: object) -> None:
    answer = make()  # type: ignore[operator]
    assert load(answer.save(tmp_path / "a.result")) == answer


def test_the_same_answer_gives_the_same_bytes(tmp_path: Path) -> None:
    first = four_inks().save(tmp_path / "a").read_bytes()
    assert four_inks().save(tmp_path / "b").read_bytes() == first


def test_equal_arrays_are_stored_once(tmp_path: Path) -> None:
    path = sweep().save(tmp_path / "sweep.result")
    with zipfile.ZipFile(path) as file:
        arrays = [name for name in file.namelist() if name.endswith(".npy")]
    used = sum(1 for result in sweep() if result.design)
    assert len(arrays) == 3 * used + 1  # design, prediction and target of each, and the limits of all


def test_a_loaded_result_is_read_only(tmp_path: Path) -> None:
    loaded = Result.load(four_inks().save(tmp_path / "a.result"))
    with pytest.raises(ValueError, match="read-only"):
        loaded["inks"][0] = 1.0


def code_of(path: Path) -> str:
    with pytest.raises(ResultFileError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert "try:" in str(caught.value)
    return caught.value.code


def test_files_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("minimise x\n")
    assert code_of(path) == "PRE701"
    np.savez(tmp_path / "file.npz", a=np.zeros(3))
    assert code_of(tmp_path / "file.npz") == "PRE701"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("manifest.json", '{"format": "something else"}')
    assert code_of(path) == "PRE701"


def test_files_that_are_not_there(tmp_path: Path) -> None:
    assert code_of(tmp_path / "missing") == "PRE705"
    assert code_of(tmp_path) == "PRE705"


def test_a_sweep_is_not_a_result(tmp_path: Path) -> None:
    with pytest.raises(ResultFileError, match=r"Sweep.load"):
        Result.load(sweep().save(tmp_path / "a"))
    with pytest.raises(ResultFileError, match=r"Result.load"):
        Sweep.load(four_inks().save(tmp_path / "a"))


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    path = four_inks().save(tmp_path / "a.result")
    data = path.read_bytes()
    for length in [0, 1, 2, 3, *range(4, len(data), 97), len(data) - 1]:
        path.write_bytes(data[:length])
        assert code_of(path) in ("PRE702", "PRE701" if length < 2 else "PRE702"), length


def test_every_flipped_byte_is_noticed_or_harmless(tmp_path: Path) -> None:
    result = four_inks()
    path = result.save(tmp_path / "a.result")
    data = path.read_bytes()
    codes = set()
    for place in range(0, len(data), 7):
        broken = bytearray(data)
        broken[place] ^= 0x10
        path.write_bytes(bytes(broken))
        try:
            loaded = load(path)
        except ResultFileError as error:
            codes.add(error.code)
        else:
            assert loaded == result, place  # dates and attributes of the archive say nothing
    assert {"PRE702"} <= codes <= {"PRE701", "PRE702", "PRE704"}


def rewrite(path: Path, changes: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in {**members, **changes}.items():
            file.writestr(name, data)
    path.write_bytes(buffer.getvalue())


def test_altered_content_is_noticed(tmp_path: Path) -> None:
    path = four_inks().save(tmp_path / "a.result")
    with zipfile.ZipFile(path) as file:
        content = json.loads(file.read("content.json"))
    content["results"][0]["objective"] = 0.1
    rewrite(path, {"content.json": json.dumps(content).encode()})
    assert code_of(path) == "PRE704"
    four_inks().save(path)
    rewrite(path, {"arrays/9.npy": b"one more"})
    assert code_of(path) == "PRE704"


def signed(path: Path, content: bytes, **manifest: object) -> None:
    """Write a file that has a right digest, by somebody who knows how."""
    members = {"content.json": content}
    head = {"format": archive.CONTAINER.format, "version": 1, "kind": "result", "digest": digest(members), **manifest}
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("manifest.json", json.dumps(head))
        file.writestr("content.json", content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"results": []}',
        b'{"results": [{}]}',
        b'{"results": [3]}',
        b'{"results": ' + b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_nonsense_with_a_right_digest(tmp_path: Path, content: bytes) -> None:
    signed(tmp_path / "a", content)
    assert code_of(tmp_path / "a") == "PRE702"


def test_newer_and_nameless_versions(tmp_path: Path) -> None:
    signed(tmp_path / "a", b"{}", version=archive.CONTAINER.version + 1, digest="of another kind")
    assert code_of(tmp_path / "a") == "PRE703"
    signed(tmp_path / "a", b"{}", version="one")
    assert code_of(tmp_path / "a") == "PRE702"


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    result = four_inks().to_dict()
    for name in Result.array_fields:
        result[name] = {}
    result["design"] = {"inks": {"array": 0}}
    members = {"arrays/0.npy": buffer.getvalue(), "content.json": json.dumps({"results": [result]}).encode()}
    head = {"format": archive.CONTAINER.format, "version": 1, "kind": "result", "digest": digest(members)}
    with zipfile.ZipFile(tmp_path / "a", "w") as file:
        for name, data in {"manifest.json": json.dumps(head).encode(), **members}.items():
            file.writestr(name, data)
    assert code_of(tmp_path / "a") == "PRE702"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = four_inks().save(tmp_path / "a.result")
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing.os, "fsync", full)
    with pytest.raises(ResultFileError, match="no space left on device") as caught:
        dataclasses.replace(four_inks(), seconds=9.0).save(path)
    assert caught.value.code == "PRE705"
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.result"]


def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    path = four_inks().save(tmp_path / "a.result")
    path.chmod(0o640)
    link = tmp_path / "link.result"
    link.symlink_to(path)
    dataclasses.replace(four_inks(), seconds=9.0).save(link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert Result.load(path).seconds == 9.0


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(ResultFileError, match="PRE705"):
        four_inks().save(tmp_path / "missing" / "a.result")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_device_is_written_and_never_replaced() -> None:
    with pytest.raises(ResultFileError, match="no space left"):
        four_inks().save("/dev/full")
    assert not os.path.isfile("/dev/full")
