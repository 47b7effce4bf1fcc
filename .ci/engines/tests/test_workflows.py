"""actionlint and zizmor report nothing about our workflows, and go red on a planted fault."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import git, need

from layerctl import manifest
from layerctl.checks import SUITES
from layerctl.paths import LAYERS, ROOT

WORKFLOW = ".github/workflows/ci.yml"
ZIZMOR = ("--persona", "auditor", "--offline", "--no-progress", "--quiet")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Our .github in a repository of its own, ready for a fault."""
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    git("init", "--quiet", cwd=tmp_path)
    return tmp_path


def plant(copy: Path, old: str, new: str) -> None:
    path = copy / WORKFLOW
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def actionlint(copy: Path) -> tuple[int, str]:
    command = [need("actionlint", "actionlint"), "-no-color"]
    command += ["-shellcheck", need("shellcheck", "checkers")]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def zizmor(copy: Path) -> tuple[int, str]:
    command = [need("zizmor", "checkers"), *ZIZMOR, ".github"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_actionlint_reports_nothing(copy: Path) -> None:
    assert actionlint(copy) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "needs.plan.outputs.layers",
            "needs.paln.outputs.layers",
            'property "paln" is not defined',
        ),
        ("toJSON(needs)", "toJSON(needs", "unexpected end of input"),
        ("run: make test", "run: make test $(echo", "shellcheck reported issue"),
    ],
)
def test_a_bad_expression_is_red(copy: Path, old: str, new: str, said: str) -> None:
    plant(copy, old, new)
    code, output = actionlint(copy)
    assert code != 0
    assert said in output


def test_zizmor_reports_nothing(copy: Path) -> None:
    code, output = zizmor(copy)
    assert code == 0, output


@pytest.mark.parametrize(
    ("old", "new", "audit"),
    [
        ("run: make test", "run: make test ${{ github.head_ref }}", "template-injection"),
        ("permissions: {}", "permissions: write-all", "excessive-permissions"),
        ("@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7", "unpinned-uses"),
        ("          persist-credentials: false\n", "          fetch-depth: 1\n", "artipacked"),
    ],
)
def test_an_unsafe_workflow_is_red(copy: Path, old: str, new: str, audit: str) -> None:
    plant(copy, old, new)
    code, output = zizmor(copy)
    assert code != 0
    assert audit in output


def test_actions_are_pinned_by_commit_with_the_version_beside_it() -> None:
    found = []
    for file in ROOT.glob(".github/**/*.yml"):
        for line in re.findall(r"uses: (?!\./)(.*)", file.read_text()):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), f"{file}: {line}"
            found.append(line)
    assert found


def test_no_layer_that_has_tests_is_left_out_of_the_matrix() -> None:
    inside = {entry["folder"] for entry in manifest.matrix(manifest.load())}
    tested = {n for n in LAYERS.values() for s in SUITES if s.cwd.is_relative_to(ROOT / n)}
    assert tested <= inside


def test_the_summary_of_a_layer_comes_after_its_tests_and_its_evidence() -> None:
    steps = yaml.safe_load((ROOT / WORKFLOW).read_text())["jobs"]["layer"]["steps"]
    runs = [step.get("run", "") for step in steps]
    wanted = ("make test", 'make "layer$LAYER"', "layerctl summary")
    places = [next(n for n, run in enumerate(runs) if text in run) for text in wanted]
    assert places == sorted(places)


def test_every_engine_that_a_row_names_can_be_provided() -> None:
    help_text = subprocess.run([ROOT / ".ci/engines/up", "--help"], capture_output=True, text=True)
    for entry in manifest.matrix(manifest.load()):
        for name in entry["engines"].split():
            assert re.search(rf"\b{name}\b", help_text.stdout), f"{entry['folder']}: {name}"


@pytest.mark.parametrize("result", ["success", "failure", "cancelled", "skipped"])
def test_the_gate_is_green_only_when_every_job_succeeded(result: str) -> None:
    jq = need("jq", "docker")
    (gate,) = re.findall(r"run: jq -e '([^']+)'", (ROOT / WORKFLOW).read_text())
    jobs = yaml.safe_load((ROOT / WORKFLOW).read_text())["jobs"]
    assert {*jobs["gate"]["needs"], "gate"} == set(jobs)
    needs = json.dumps({"plan": {"result": "success"}, "review": {"result": result}})
    done = subprocess.run([jq, "-e", gate], input=needs, capture_output=True, text=True)
    assert (done.returncode == 0) == (result == "success")
