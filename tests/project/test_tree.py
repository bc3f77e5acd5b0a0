"""The source tree: nothing in it speaks of the machine it was written on, and no file tells two ideas."""

import re
import subprocess
from pathlib import Path

import pytest

LONGEST = 500
LARGEST = 2_000_000

MACHINE = re.compile(
    r"(?<![\w.])/(?:work|home/\w+|root|Users/\w+)/"  # a folder of one machine
    r"|(?:pypi|files)\.pythonhosted\.org|pypi\.org/simple|static\.crates\.io|index\.crates\.io|registry\.npmjs\.org"
    r"|(?:deb|security)\.debian\.org|--(?:extra-)?index-url \S"
)


@pytest.fixture(scope="module")
def tracked(repository: Path) -> list[Path]:
    if not (repository / ".git").exists():
        pytest.skip("not a git checkout")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=True)
    return [path for name in done.stdout.split("\0") if name and (path := repository / name).is_file()]


def texts(tracked: list[Path]) -> dict[Path, str]:
    found = {}
    for path in tracked:
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            found[path] = content.decode("utf-8", errors="replace")
    return found


def test_no_file_names_a_machine_or_a_registry(tracked: list[Path]) -> None:
    lines = [
        f"{path}:{number}: {line.strip()}"
        for path, text in texts(tracked).items()
        if path != Path(__file__)
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE.search(line)
    ]
    assert not lines, "\n".join(lines)


def test_no_source_file_is_too_long(tracked: list[Path], repository: Path) -> None:
    sources = [p for p in tracked if p.suffix in (".py", ".rs") and "tests" not in p.relative_to(repository).parts]
    assert len(sources) > 20
    lengths = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in sources}
    assert {p: n for p, n in lengths.items() if n > LONGEST} == {}


def test_no_file_is_large(tracked: list[Path]) -> None:
    assert [p for p in tracked if p.stat().st_size > LARGEST] == []


def test_every_link_between_documents_leads_somewhere(tracked: list[Path], repository: Path) -> None:
    broken = []
    for path in tracked:
        if path.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)|src=\"([^\"]+)\"", path.read_text(encoding="utf-8")):
            link = target[0] or target[1]
            if not re.match(r"[a-z]+:", link) and not (path.parent / link).exists():
                broken.append(f"{path.relative_to(repository)}: {link}")
    assert not broken, "\n".join(broken)


def test_the_make_targets_are_all_explained(repository: Path) -> None:
    text = (repository / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", text, re.M)
    assert phony
    for target in phony.group(1).split():
        assert re.search(rf"^{target}:.* ## \S", text, re.M), f"`{target}` has no help line"
