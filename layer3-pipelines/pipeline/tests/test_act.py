"""deploy.yml really runs, on this host under act: to green, then red and rolled back."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pipeline import desk, image, sign, state, story
from pipeline.desk import Desk
from pipeline.place import Place
from pipeline.stages import NAMES

from layerctl.acting import Act, ended, steps
from layerctl.engines import environment
from layerctl.labels import DOCKER, call

pytestmark = pytest.mark.docker
BEFORE, AFTER = NAMES[: NAMES.index("deploy")], NAMES[NAMES.index("deploy") :]


@dataclass
class Workflow:
    """deploy.yml in a developer's clone."""

    act: Act
    desk: Desk
    place: Place  # what the serving host keeps
    registry: str
    name: str = field(default_factory=lambda: f"act-{secrets.token_hex(4)}/hop")

    def run(self) -> tuple[int, str]:
        keys = Place(self.act.folder)
        sign.key(keys)
        signers = keys.signers.read_text("utf-8")
        self.act.more["PIPELINE_SIGNING_KEY"] = keys.key.read_text("utf-8")
        words = ["-W", ".github/workflows/deploy.yml", "--env", f"GITHUB_REPOSITORY={self.name}"]
        words += [
            "--var",
            f"PIPELINE_REGISTRY={self.registry}",
            "--var",
            f"PIPELINE_SIGNERS={signers}",
        ]
        # A name without a value is taken from the environment: a key is no argument.
        words += ["-s", "PIPELINE_SIGNING_KEY", "-s", "GITHUB_TOKEN=none"]
        return self.act.run("push", *words, runners=["ubuntu-24.04", "hop"])

    def remove(self) -> None:
        """act's jobs ran in folders of its own, so what they made has labels of its own."""
        form, marks = '{{index .Config.Labels "six-layers"}}', set[str]()
        for each in call("docker", "images", "-q", f"{self.registry}/{self.name}/hop").split():
            marks.add(call("docker", "image", "inspect", "-f", form, each).strip())
        if (self.place.home / "env").exists():
            lines = (self.place.home / "env").read_text("utf-8").splitlines()
            marks.add(dict(line.split("=", 1) for line in lines)["SIX_LAYERS_CHECKOUT"])
        for listed, removed in DOCKER.values():
            for mark in marks:
                found = set(call("docker", *listed, f"label=six-layers={mark}").split())
                if found:
                    call("docker", *removed, *found)


@pytest.fixture
def workflow(tmp_path: Path) -> Iterator[Workflow]:
    program = shutil.which("act", path=environment().get("PATH", os.environ["PATH"]))
    if program is None or shutil.which("jq") is None:
        pytest.skip("no act or no jq on PATH. Enable: make engines ENGINE=act; apt install jq")
    home, config = tmp_path / "home", tmp_path / "docker"
    home.mkdir()
    config.mkdir()
    # Logging in writes a file, and this is not the reader's; Compose may lie beside theirs.
    theirs = environment().get("DOCKER_CONFIG") or os.environ.get("DOCKER_CONFIG")
    plugins = Path(theirs or "~/.docker").expanduser() / "cli-plugins"
    if plugins.is_dir():
        (config / "cli-plugins").symlink_to(plugins)
    given = {"HOME": str(home), "DOCKER_CONFIG": str(config)}
    clone = desk.open_desk(Place(tmp_path / "developer"))
    act = Act(program, clone.path, tmp_path / "act", given)
    found = Workflow(act, clone, Place(home / "delivery"), image.registry())
    try:
        yield found
    finally:
        found.remove()


def test_a_push_goes_live_and_a_bad_one_is_rolled_back(workflow: Workflow) -> None:
    code, said = workflow.run()
    assert code == 0, said
    assert {ended(said, "deploy", job) for job in ("build", "deploy")} == {"succeeded"}, said
    assert set(BEFORE) <= steps(said, "deploy", "build").keys(), said
    assert set(AFTER) <= steps(said, "deploy", "deploy").keys(), said
    assert "rollback" not in steps(said, "deploy", "deploy")
    live = state.live(workflow.place.live)
    assert live is not None
    assert live.commit == workflow.desk.git("rev-parse", "HEAD")
    assert story.served(workflow.place) == live.image_id
    secret = workflow.act.more["PIPELINE_SIGNING_KEY"].splitlines()[1]
    assert secret not in said

    workflow.desk.change("bad")
    code, said = workflow.run()
    assert code != 0, said
    assert ended(said, "deploy", "build") == "succeeded", said
    found = steps(said, "deploy", "deploy")
    assert (found["deploy"], found["smoke"], found["rollback"]) == ("Success", "Failure", "Success")
    assert "promote" not in found
    assert "a redirect: 500, want 307" in said
    assert state.live(workflow.place.live) == live
    assert story.served(workflow.place) == live.image_id
