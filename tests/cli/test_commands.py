import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyscipopt
import pytest
from results.samples import four_inks

from preimage.language import CODES
from preimage.results import Result, Sweep

Run = Callable[..., tuple[int, str, str]]


def test_check_a_problem(run: Run) -> None:
    code, out, err = run("check", "corner.inv")
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == ["ok", "corner.inv  2 x in 0..1 · minimise L1(f(x), goal)"]


def test_check_tells_errors(run: Run) -> None:
    code, out, err = run("check", "wrong.inv")
    assert (code, out) == (3, "")
    assert "error[PRE" in err
    assert "wrong.inv:3:12" in err


def test_check_tells_errors_to_editors(run: Run) -> None:
    code, out, _ = run("check", "wrong.inv", "--format", "json")
    assert code == 3
    report = json.loads(out)
    assert report["status"] == "errors"
    (mistake,) = report["diagnostics"]
    assert mistake["code"] in CODES
    assert mistake["file"] == "wrong.inv"
    assert mistake["start"] == {"line": 3, "column": 12}
    assert mistake["end"] == {"line": 3, "column": 13}
    code, out, _ = run("check", "corner.inv", "--format", "json")
    assert (code, json.loads(out)) == (0, {"status": "ok", "diagnostics": []})


def test_check_a_result_runs_the_networks_again(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("solve", "corner.inv")
    code, out, err = run("check", "corner.result")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "verified: the source networks, run again, give what the result says"
    assert "objective: the source networks give 1.00000000 on the design" in out
    monkeypatch.chdir("/")
    code, out, _ = run("check", str(folder / "corner.result"), "--format", "json")
    assert code == 0
    assert json.loads(out)["evaluated"]


def test_check_a_sweep(run: Run) -> None:
    run("solve", "sweep.inv")
    code, out, _ = run("check", "sweep.result")
    assert code == 0
    assert out.splitlines()[:3] == ["target 0: ok", "target 1: ok", "target 2: ok"]


def test_a_sweep_is_checked_with_data_that_are_read_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from preimage import inversion

    read: list[str] = []
    plain = inversion.check
    run("solve", "sweep.inv")
    monkeypatch.setattr(
        inversion, "check", lambda text, *rest, **more: (read.append(text), plain(text, *rest, **more))[1]
    )
    assert run("check", "sweep.result")[0] == 0
    assert len(read) == 1


def test_check_notices_other_data(run: Run, folder: Path) -> None:
    import numpy as np

    run("solve", "corner.inv")
    weights = dict(np.load(folder / "f.npz"))
    weights["b2"] = np.array([0.25])
    np.savez(folder / "f.npz", **weights)
    code, out, err = run("check", "corner.result")
    assert code == 1
    assert "BROKEN  data: not what the result was solved with: f" in out
    assert "BROKEN  objective: the source networks give 0.750000000 on the design, not 1.00000000" in out
    assert "error[PRE706]" in err


def test_check_says_when_the_networks_are_not_at_hand(run: Run, folder: Path) -> None:
    run("solve", "corner.inv")
    (folder / "f.npz").unlink()
    code, out, err = run("check", "corner.result")
    assert code == 3
    assert out.splitlines()[-1] == "verified: what stands in the file holds; the source networks were not run"
    assert "f.npz" in err


def test_check_a_result_that_was_moved_with_its_data(run: Run, folder: Path, tmp_path_factory: object) -> None:
    run("solve", "corner.inv")
    home = folder / "elsewhere"
    home.mkdir()
    for name in ("corner.inv", "corner.result", "f.npz", "names.csv"):
        (folder / name).rename(home / name)
    code, _, err = run("check", str(home / "corner.result"))
    assert code == 0, err


def test_check_takes_the_bindings_that_solve_took(run: Run, folder: Path) -> None:
    bindings = ("--set", "f=f.npz", "--set", "goal=3.5")
    run("solve", "bound.inv", *bindings)
    assert run("check", "bound.result", *bindings)[0] == 0
    code, out, _ = run("check", "bound.result", "--set", "f=f.npz", "--set", "goal=3.25")
    assert code == 1
    assert "not what the result was solved with: goal" in out


def test_check_a_damaged_result(run: Run, folder: Path) -> None:
    path = four_inks().save(folder / "a.result")
    path.write_bytes(path.read_bytes()[:-40])
    code, _, err = run("check", "a.result")
    assert code == 1
    assert "error[PRE702]" in err


UNTIDY = "input   x[2] in 0..1     # two\nminimize  x[ 0 ]+x[1]\n"
TIDY = "input x[2] in 0..1  # two\nminimise x[0] + x[1]\n"


def test_fmt(run: Run, folder: Path) -> None:
    file = folder / "untidy.inv"
    file.write_text(UNTIDY)
    assert run("fmt", "--check", "untidy.inv") == (1, "", "untidy.inv would be formatted\n")
    code, out, _ = run("fmt", "--diff", "untidy.inv")
    assert code == 0
    assert "-minimize  x[ 0 ]+x[1]" in out.splitlines()
    assert "+minimise x[0] + x[1]" in out.splitlines()
    assert file.read_text() == UNTIDY
    assert run("fmt", "untidy.inv") == (0, "", "")
    assert file.read_text() == TIDY
    assert run("fmt", "--check", "untidy.inv") == (0, "", "")


def test_fmt_many_files_and_one_that_cannot_be_read(run: Run, folder: Path) -> None:
    (folder / "broken.inv").write_text("minimise (\n")
    (folder / "untidy.inv").write_text(UNTIDY)
    code, _, err = run("fmt", "broken.inv", "untidy.inv")
    assert code == 3
    assert "broken.inv:" in err
    assert (folder / "broken.inv").read_text() == "minimise (\n"
    assert (folder / "untidy.inv").read_text() == TIDY
    assert run("fmt", "nothing.inv")[0] == 1


@pytest.mark.parametrize("code", ["PRE705", "pre705", "705"])
def test_explain_a_code(run: Run, code: str) -> None:
    status, out, _ = run("explain", code)
    assert status == 0
    assert out.startswith("PRE705: a file that cannot be read or written\n")


def test_every_code_is_explained(run: Run) -> None:
    for code, row in CODES.items():
        assert run("explain", code)[1].startswith(f"{code}: {row.title}")


def test_explain_an_unknown_code(run: Run) -> None:
    code, out, err = run("explain", "PRE999")
    assert (code, out) == (2, "")
    assert "there is no code `PRE999`" in err


def test_explain_a_problem(run: Run) -> None:
    code, out, _ = run("explain", "corner.inv")
    assert code == 0
    lines = [line.split(maxsplit=1) for line in out.splitlines()]
    assert [name for name, _ in lines] == ["corner.inv", "f", "plan", "program", "f.1"]
    assert lines[-1][1] == "0 neurons undecided, 3 always active, 0 never"


def test_explain_tells_what_to_expect_of_many_boxes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("preimage.cli.explain.MANY_BOXES", 1)
    Path("plane.inv").write_text("input x[2] in 0..1\nminimise abs(x[0] + x[1] - 1) + 1\n", encoding="utf-8")
    _, out, _ = run("explain", "plane.inv")
    (line,) = [line for line in out.splitlines() if line.startswith("outlook")]
    assert "a box's bound says something once its half-width is below 0." in line


def test_inspect(run: Run) -> None:
    code, out, _ = run("inspect", "f.npz", "--box=-1..1")
    assert code == 0
    assert out.splitlines()[0].startswith("2 → 3 → 1, 3 ReLU · imported from f.npz")
    assert [line.split() for line in out.splitlines()[3:]] == [
        ["layer", "kind", "size", "undecided", "active", "inactive"],
        ["0", "input", "2"],
        ["1", "affine", "3"],
        ["2", "kink", "3", "2", "1", "0"],
        ["3", "affine", "1"],
    ]
    _, out, _ = run("inspect", "f.npz", "--format", "json")
    layers = json.loads(out)["layers"]
    assert [layer["kind"] for layer in layers] == ["input", "affine", "kink", "affine"]


def test_inspect_what_is_no_network(run: Run) -> None:
    code, _, err = run("inspect", "goals.csv")
    assert code == 1
    assert "error[PRE601]" in err
    assert run("inspect", "nothing.npz")[0] == 1
    assert run("inspect", "f.npz", "--box", "1")[0] == 2


@pytest.mark.parametrize("suffix", ["mps", "lp"])
def test_an_exported_model_has_the_same_optimum(run: Run, folder: Path, suffix: str) -> None:
    code, out, err = run("export", "sweep.inv", f"model.{suffix}", "--target", "2")
    assert (code, out) == (0, "")
    assert "target 2 of 3" in err
    model = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(str(folder / f"model.{suffix}"))
    model.optimize()
    assert model.getObjVal() == pytest.approx(2.0, abs=1e-6)


def test_exports_that_cannot_be(run: Run) -> None:
    assert "PRE709" in run("export", "sweep.inv", "model.txt")[2]
    assert "PRE705" in run("export", "sweep.inv", "missing/model.mps")[2]
    assert run("export", "sweep.inv", "model.mps", "--target", "3")[0] == 2
    assert run("export", "wrong.inv", "model.mps")[0] == 3


def test_plot(run: Run, folder: Path) -> None:
    four_inks().save(folder / "inks.result")
    assert run("plot", "inks.result") == (0, "", "wrote inks.png\n")
    assert (folder / "inks.png").read_bytes().startswith(b"\x89PNG")
    assert run("plot", "inks.result", "-o", "inks.svg", "-q") == (0, "", "")
    code, _, err = run("plot", "inks.result", "-o", "inks.docx")
    assert code == 1
    assert "error[PRE705]" in err
    assert "PRE701" in run("plot", "corner.inv")[2]


def test_help_and_version_are_quick() -> None:
    code = (
        "import sys; from preimage.cli.app import run; "
        "codes = run(['--version']), run(['--help']), run(['solve', '--help']); "
        "heavy = [m for m in ('numpy', 'scipy', 'pyscipopt', 'matplotlib', 'lark') if m in sys.modules]; "
        "print(codes, heavy)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("preimage 0.")
    assert done.stdout.splitlines()[-1] == "(0, 0, 0) []"


def test_every_command_has_help(run: Run) -> None:
    for command in ("solve", "check", "fmt", "explain", "inspect", "bounds", "export", "plot"):
        code, out, _ = run(command, "--help")
        assert code == 0
        assert f"preimage {command}" in out
    assert "130 interrupted" in run("--help")[1]
    assert run("nonsense")[0] == 2


def test_problems_in_a_line(folder: Path, run: Run) -> None:
    text = """\
network f from "f.npz"
targets goal from "goals.csv"
integer n in 0..7
integer m[4] in 0..30
binary b[5]
input wire[3] in {0.5, 0.8, 1.2}
input x[2] in 0..1 per target
input y in goal .. goal + 1 per target
select 1 of x
select exactly 2 of m
select at least 1 of b
require n <= 3
minimise L1(f(x), goal) + sum(m)
"""
    (folder / "all.inv").write_text(text)
    code, out, err = run("check", "all.inv")
    assert code == 0, err
    assert out.splitlines()[1] == (
        "all.inv  integer n in 0..7 · 4 integers m in 0..30 · 5 binaries b · 3 wire in {0.5000, 0.8000, 1.200} · "
        "6 x in 0..1 · 3 y in …..… · choose at most 1 of 2 x, shared by 3 targets · choose exactly 2 of 4 m · "
        "choose at least 1 of 5 b · 1 statement to hold · 3 targets together · minimise L1(f(x), goal) + sum(m)"
    )


def test_engines_are_those_there_are() -> None:
    from preimage.engines import ENGINES as there
    from preimage.language.words import ENGINES as named

    assert named == tuple(there)


def test_the_reference_names_every_command_option_and_key(repository: Path, run: Run) -> None:
    page = (repository / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    sections = {part.split("\n", 1)[0]: part for part in page.split("\n## ")[1:]}
    for command in ("solve", "check", "fmt", "explain", "inspect", "bounds", "export", "plot"):
        options = set(re.findall(r"--[a-z-]+", run(command, "--help")[1])) - {"--help", "--no-color"}
        general = page.split("\n## ")[0]
        assert {option for option in options if option not in sections[command] + general} <= {"--set", "--quiet"}
    for key in four_inks().to_dict():
        assert f"`{key}`" in sections["solve"]


def test_designs_and_their_worst_cases(folder: Path, run: Run) -> None:
    text = (folder / "corner.inv").read_text() + "robust within 0.1\nsolve for 3 designs within 20%\n"
    (folder / "robust.inv").write_text(text)
    code, out, _ = run("solve", "robust.inv")
    assert code == 0
    lines = out.splitlines()
    assert "robust within 0.1: it gets no worse than 1.3000 (proved; 1.3000 found, 1.0000 as it stands)" in lines
    table = lines.index("design  objective   worst  proved   values")
    assert lines[table - 1].startswith("3 designs within 20 % of the best")
    assert lines[table + 1].split()[:4] == ["1", "1.0000", "1.3000", "1.3000"]
    code, out, _ = run("check", "robust.result")
    assert code == 0
    assert "robust within 0.1, design 3: the source networks give" in out
    assert run("plot", "robust.result", "--designs", "-o", "designs.svg")[0] == 0
    assert (folder / "designs.svg").read_bytes().startswith(b"<?xml")


def test_a_broken_certificate_stops_the_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import preimage.cli.solve
    from preimage import BrokenCertificate

    def beaten(*_: object, **__: object) -> Result:
        raise BrokenCertificate("a design reaches 1, but milp had proved 2")

    monkeypatch.setattr(preimage.cli.solve, "invert", beaten)
    code, out, err = run("solve", "corner.inv", "--quiet")
    assert (code, out) == (1, "")
    assert "error[PRE708]: a proved bound was beaten: a design reaches 1, but milp had proved 2" in err


def test_targets_have_the_names_of_the_data(folder: Path, run: Run) -> None:
    text = (folder / "sweep.inv").read_text() + 'names goal = ("near", "half way", "far beyond")\n'
    (folder / "named.inv").write_text(text)
    code, out, err = run("solve", "named.inv")
    assert code == 0
    for name in ("near", "half way", "far beyond"):
        assert re.search(rf"^ *{name}  ", out, re.MULTILINE)
        assert re.search(rf"^ *{name}  ", err, re.MULTILINE)
        assert f"target {name}: ok" in run("check", "named.result")[1]
    sweep = Sweep.load(folder / "named.result")
    assert sweep.names == ("near", "half way", "far beyond")
    assert list(sweep.to_pandas().index) == list(sweep.names)
    assert "half way" in sweep._repr_html_()


def test_solve_writes_a_certificate_that_check_follows(run: Run, folder: Path) -> None:
    code, _, err = run("solve", "sweep.inv", "--certificate", "sweep.proof")
    assert code == 0
    assert "saved sweep.proof" in err
    code, out, err = run("check", "sweep.proof")
    assert (code, err) == (0, "")
    assert "targets: 3 of 3" in out
    assert "each was bounded again from the weights" in out
    code, out, _ = run("check", "sweep.proof", "--format", "json")
    assert (code, json.loads(out)["holds"]) == (0, True)


def test_a_certificate_that_no_design_holds(run: Run) -> None:
    assert run("solve", "clash.inv", "--certificate", "clash.proof")[0] == 4
    assert "no design holds" in run("check", "clash.proof")[1]


def test_check_notices_that_a_certificate_is_of_another_problem(run: Run, folder: Path) -> None:
    assert run("solve", "corner.inv", "--certificate", "a.proof")[0] == 0
    text = (folder / "corner.inv").read_text()
    (folder / "corner.inv").write_text(text.replace("goal = 4", "goal = 3.5"))
    code, out, err = run("check", "a.proof")
    assert code == 1
    assert "BROKEN  corner.inv: its text is not the one that was solved" in out
    assert "error[PRE711]" in err
    (folder / "corner.inv").unlink()
    assert run("check", "a.proof")[0] == 0
    (folder / "f.npz").unlink()
    assert run("check", "a.proof")[0] == 3
    (folder / "a.proof").write_bytes(b"nonsense")
    assert "error[PRE701]: this is not a certificate" in run("check", "a.proof")[2]


def test_an_answer_without_a_certificate_is_kept(run: Run, folder: Path) -> None:
    (folder / "any.inv").write_text("input x[2] in 0..1\nrequire x[0] >= 0.5\n")
    code, out, err = run("solve", "any.inv", "--certificate", "any.proof", "--quiet")
    assert code == 1
    assert out
    assert (folder / "any.result").exists()
    assert not (folder / "any.proof").exists()
    assert "error[PRE710]: no certificate was written: without an objective, a design is its own proof" in err


def test_a_certificate_is_given_up_alone(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from preimage import certification

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(certification, "_watched", interrupted)
    code, out, err = run("solve", "corner.inv", "--certificate", "a.proof")
    assert code == 130
    assert "Optimal" in out
    assert (folder / "corner.result").exists()
    assert "error[PRE710]: no certificate was written: it was interrupted" in err
