"""Each project's kernel starts through Jupyter's protocol and sees its own packages only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from workshop import kernels
from workshop.paths import ROOT, VENV


def ask(client: Any, code: str) -> dict[str, Any]:
    """What an expression is worth in the kernel, or the error that it raised."""
    expressions = {"value": code}
    reply = client.execute_interactive("", user_expressions=expressions, timeout=60)
    found: dict[str, Any] = reply["content"]["user_expressions"]["value"]
    return found


def test_every_project_that_has_an_environment_has_a_kernel() -> None:
    """layerctl is not installed here; it keeps the list of projects."""
    code = "from layerctl.paths import PROJECTS; print(*PROJECTS)"
    env = os.environ | {"PYTHONPATH": str(ROOT / "layer2-tooling/layerctl/src")}
    said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    assert set(said.stdout.decode().split()) == set(kernels.PROJECTS)


@pytest.mark.parametrize("project", kernels.PROJECTS)
def test_a_kernel_imports_its_own_packages_and_not_anothers(jupyter: Path, project: str) -> None:
    if project not in kernels.here():
        pytest.skip(f"{project} is not set up. Enable: layer1-env/bootstrap.sh {project}")
    own, others = kernels.PROJECTS[project]
    with kernels.running(kernels.name_of(project)) as client:
        assert ask(client, f"__import__('{own}').__name__")["status"] == "ok"
        missing = ask(client, f"__import__('{others}')")
        assert (missing["status"], missing["ename"]) == ("error", "ModuleNotFoundError")
        # The front-end is this process, in an environment of its own.
        prefix = ask(client, "__import__('sys').prefix")["data"]["text/plain"]
        assert prefix.strip("'") == str(VENV / project)
        assert (prefix.strip("'") == sys.prefix) == (project == "workshop")


def test_a_project_wins_over_the_kernels_packages(jupyter: Path) -> None:
    with kernels.running(kernels.name_of("slokit")) as client:
        path = ask(client, "__import__('sys').path")["data"]["text/plain"]
    assert path.index("venv/slokit/lib") < path.index("venv/workshop/lib")
    assert path.rstrip("']").endswith("site-packages")
    assert "src/workshop" not in path


def test_removing_leaves_other_kernels_alone(jupyter: Path) -> None:
    foreign = jupyter / "jupyter/kernels/theirs/kernel.json"
    foreign.parent.mkdir()
    foreign.write_text(json.dumps({"argv": [], "metadata": {"six-layers": "another"}}))
    assert len(kernels.remove()) == len(kernels.here())
    assert [p.name for p in foreign.parent.parent.iterdir()] == ["theirs"]
    assert kernels.registered() == []


def test_without_an_environment_nothing_is_registered(
    jupyter: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kernels, "VENV", jupyter)
    assert kernels.main(["register"]) == 69
    assert "Next: make setup" in capsys.readouterr().err


def test_user_kernels_go_where_jupyterlab_looks(jupyter: Path) -> None:
    assert kernels.main(["register", "--user"]) == 0
    assert len(kernels.registered(user=True)) == len(kernels.here())
    assert kernels.main(["remove", "--user"]) == 0
    assert list((jupyter / "user/kernels").iterdir()) == []
