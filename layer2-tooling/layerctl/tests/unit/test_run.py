"""A layer's closing line counts what really happened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from layerctl import cli, engines, manifest, run
from layerctl.errors import LayerctlError, UsageError
from layerctl.manifest import Manifest, Row

ROW = Row(id="layer3", layer=3, title="a job", state="built", default=True)


def job(code: int, **more: object) -> Row:
    program = ("layer3-pipelines", "-c", f"import sys; sys.exit({code})")
    return replace(ROW, run=program, drill=program, scenarios=("burn",), **more)  # type: ignore[arg-type]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("STRICT", raising=False)
    monkeypatch.delenv("ENGINE", raising=False)
    monkeypatch.setattr(engines, "absent", lambda name: f"{name}: away" if name == "kind" else "")
    return monkeypatch


def with_jobs(monkeypatch: pytest.MonkeyPatch, *rows: Row) -> None:
    monkeypatch.setattr(run, "load", lambda: Manifest((), rows, ()))


@pytest.mark.parametrize(
    ("codes", "counts", "code"),
    [
        ((0, 0), "ran 2 - skipped 0 - failed 0", 0),
        ((0, 69), "ran 1 - skipped 1 - failed 0", 0),
        ((0, 1), "ran 1 - skipped 0 - failed 1", 1),
    ],
)
def test_rows_are_counted_by_their_exit_code(
    use: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    codes: tuple[int, ...],
    counts: str,
    code: int,
) -> None:
    with_jobs(use, *(job(c) for c in codes))
    assert run.run_layer(3, []) == code
    assert capsys.readouterr().out.startswith(f"layer3: {counts} - ")


def test_a_skip_fails_when_strict(use: pytest.MonkeyPatch) -> None:
    with_jobs(use, job(69))
    assert run.run_layer(3, []) == 0
    use.setenv("STRICT", "1")
    assert run.run_layer(3, []) == 1


@pytest.mark.parametrize(
    ("engine", "counts", "more"),
    [
        ("", "ran 1 - skipped 0 - failed 0", ["ENGINE=docker", "ENGINE=kind"]),
        ("docker", "ran 1 - skipped 0 - failed 1", ["ENGINE=kind"]),
        ("all", "ran 1 - skipped 1 - failed 1", []),
    ],
)
def test_an_engine_adds_its_rows_and_an_absent_one_is_a_named_skip(
    use: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    engine: str,
    counts: str,
    more: list[str],
) -> None:
    use.setenv("ENGINE", engine)
    on = {name: job(1, id=name, engine=name, default=False) for name in ("docker", "kind")}
    with_jobs(use, job(0, engine="native"), *on.values())
    run.run_layer(3, [])
    shown = capsys.readouterr()
    assert f"layer3: {counts} - " in shown.out
    offered = [line.split()[3] for line in shown.out.splitlines() if line.startswith("More: ")]
    assert offered == more
    assert ("skipped: kind: kind: away" in shown.err) == (engine == "all")


def test_an_engine_on_which_nothing_runs_is_a_usage_error(use: pytest.MonkeyPatch) -> None:
    use.setenv("ENGINE", "dokcer")
    with_jobs(use, job(0, engine="native"))
    with pytest.raises(UsageError, match=r"'dokcer'\. Engines: all, native"):
        run.run_layer(3, [])


def test_a_signal_ends_the_layer_at_once(use: pytest.MonkeyPatch) -> None:
    with_jobs(use, job(130), job(1))
    assert run.run_layer(3, []) == 130


def test_a_planned_layer_says_so_and_is_not_green(use: pytest.MonkeyPatch) -> None:
    with_jobs(use, job(0, state="planned"))
    with pytest.raises(LayerctlError, match="nothing to run yet"):
        run.run_layer(3, [])


def test_a_drill_needs_a_known_scenario(use: pytest.MonkeyPatch) -> None:
    with_jobs(use, job(0))
    with pytest.raises(UsageError, match=r"no SCENARIO given\. Scenarios: burn"):
        run.run_drill(3, "break", "")
    with pytest.raises(UsageError, match="no scenario 'fire'"):
        run.run_drill(3, "break", "fire")
    with pytest.raises(UsageError, match="layer 0 has no drill yet"):
        run.run_drill(0, "break", "burn")


def test_a_repair_is_graded_by_the_drill_that_broke_last(
    use: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use.setattr(run, "RUN", tmp_path)
    with_jobs(use, job(0), replace(job(5), scenarios=("flood",)))
    assert run.run_drill(3, "break", "flood") == 5
    assert run.run_drill(3, "check", "") == 5
    assert run.run_drill(3, "check", "burn") == 0
    assert run.run_drill(3, "break", "burn") == 0
    assert run.run_drill(3, "check", "") == 0


def test_a_drill_passes_on_what_its_program_says(use: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use.setattr(run, "RUN", tmp_path)
    with_jobs(use, job(0))
    assert run.run_drill(3, "break", "burn") == 0
    with_jobs(use, job(1))
    assert run.run_drill(3, "check", "") == 1


def test_a_readme_that_drifts_from_the_manifest_is_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("<!-- generated: deliverables -->\nold\n<!-- end -->\n")
    monkeypatch.setattr(cli, "README", readme)
    assert cli.main(["manifest", "check"]) == 1
    assert "differs from deliverables.toml" in capsys.readouterr().err
    assert cli.main(["manifest", "write"]) == 0
    assert cli.main(["manifest", "check"]) == 0
    assert manifest.table(manifest.load()) in readme.read_text()


def test_errors_become_a_message_and_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["setup", "slowkit"]) == 2
    assert "Next: make setup" in capsys.readouterr().err
    assert cli.main(["manifest", "matrix"]) == 0
    assert '"layer": 3' in capsys.readouterr().out
