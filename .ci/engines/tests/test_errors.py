"""What stands in the way is one line with the next command, and exit code 69."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from layerctl import engines
from layerctl.paths import ROOT

ENGINES = ROOT / ".ci/engines"
NOBODY = 65534


def run(*command: str, **variables: str) -> tuple[int, str]:
    """Exit code and answer."""
    env = os.environ | engines.environment() | variables
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout.strip()


def bash(script: str, *prefix: str, **variables: str) -> tuple[int, str]:
    """Run a line with the functions of common.bash."""
    return run(*prefix, "bash", "-c", f"source '{ENGINES}/common.bash'; {script}", **variables)


@pytest.fixture
def nobody(tmp_path: Path) -> tuple[str, ...]:
    """A prefix that runs a command as somebody without any right."""
    if os.geteuid() or shutil.which("setpriv") is None:
        pytest.skip("only root can become nobody. Enable: sudo make test")
    prefix = ("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups")
    if subprocess.run([*prefix, "test", "-r", ENGINES / "up"]).returncode:
        pytest.skip("nobody may not read this checkout. Enable: clone into a folder for all")
    (tmp_path / "cache").mkdir()
    os.chown(tmp_path / "cache", NOBODY, NOBODY)
    return prefix


def home(tmp_path: Path) -> dict[str, str]:
    """A cache that nobody may write; pytest's own folder is closed to others."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    return {"SIX_LAYERS_CACHE": str(tmp_path / "cache"), "HOME": str(tmp_path)}


def test_a_taken_port_is_named_with_another(tmp_path: Path) -> None:
    if shutil.which("docker-registry") is None:
        pytest.skip("no docker-registry. Enable: make engines ENGINE=registry")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        code, said = run(
            str(ENGINES / "registry-up"), REGISTRY_PORT=port, SIX_LAYERS_RUN=str(tmp_path)
        )
    assert code == 69
    assert said == (
        f"because port {port} is taken by another program. "
        "Next: REGISTRY_PORT=5001 .ci/engines/registry-up"
    )


def test_a_disk_that_is_too_small_is_said_before_anything_is_written(tmp_path: Path) -> None:
    code, said = bash(f"room 1000000 '{tmp_path}'; echo went on >&3")
    assert code == 69
    assert "and 1000000 are needed. Next: free some space" in said
    assert "went on" not in said
    assert bash(f"room 0 '{tmp_path}'") == (0, "")


def test_without_root_and_sudo_the_command_is_named(
    nobody: tuple[str, ...], tmp_path: Path
) -> None:
    code, said = bash("as_root true", *nobody, **home(tmp_path))
    assert code == 69
    assert said.startswith("because root is needed for 'true'. Next: ")


@pytest.mark.docker
def test_without_docker_permission_the_group_is_named(
    nobody: tuple[str, ...], tmp_path: Path
) -> None:
    code, said = run(*nobody, str(ENGINES / "docker-up"), USER="you", **home(tmp_path))
    assert code == 69
    assert "sudo usermod -aG docker you" in said


@pytest.mark.parametrize(("names", "code"), [("bash", 0), ("bash no-such-program", 1)])
def test_programs_are_there_only_when_all_are(names: str, code: int) -> None:
    assert bash(f"has {names}") == (code, "")


def test_a_refused_download_is_told_from_a_failed_build(tmp_path: Path) -> None:
    if shutil.which("go") is None:
        pytest.skip("no Go. Enable: install Go (go.dev/doc/install)")
    cache = {"SIX_LAYERS_CACHE": str(tmp_path), "GOFLAGS": ""}
    refused = {"GOPROXY": "http://127.0.0.1:9", "GONOSUMDB": "*"}
    code, said = bash("go_tool x example.invalid/x 1.0.0", **cache, **refused)
    assert code == 69
    assert "a download was refused (build x 1.0.0). Next: check the network" in said
    log = tmp_path / "a.log"
    log.write_text("main.go:3: undefined: x\n")
    assert bash(f"explain build '{log}'", **cache) == (1, "")
    # What a kubelet that is not there answers is no download.
    asked = "dial tcp [::1]:10248: connect: connection refused\n"
    log.write_text(f"failed while waiting for the kubelet to start: {asked}")
    code, said = bash(f"explain 'create the cluster' '{log}'", **cache)
    assert code == 69
    assert "kubelet did not start" in said
    assert "download" not in said
    log.write_text(asked)
    assert "a download was refused" in bash(f"explain build '{log}'", **cache)[1]


@pytest.mark.parametrize(
    ("body", "code"), [("true; true", 0), ("false; true", 1), ("cannot it that; true", 69)]
)
def test_a_step_inside_a_timed_command_cannot_fail_unnoticed(
    tmp_path: Path, body: str, code: int
) -> None:
    script = f"step() {{ {body}; }}; timed 'the step' step; echo went on >&3"
    found, said = bash(script, SIX_LAYERS_CACHE=str(tmp_path))
    assert found == code
    assert said == {0: "went on", 1: "", 69: "because it. Next: that"}[code]


@pytest.mark.parametrize("name", ["dokcer", "--all"])
def test_an_unknown_engine_is_a_usage_error(name: str) -> None:
    assert run(str(ENGINES / "up"), name) == (2, "")


def test_an_absence_fails_unless_it_is_listed_for_shell_and_python_alike(tmp_path: Path) -> None:
    copy = tmp_path / ".ci/engines"
    shutil.copytree(ENGINES, copy, ignore=shutil.ignore_patterns("tests"))
    (tmp_path / "layer1-env").mkdir()
    shutil.copy(ROOT / "layer1-env/toolchain.env", tmp_path / "layer1-env")
    away = "#!/bin/sh\necho 'because it is away. Next: nothing'; exit 69\n"
    (copy / "registry-up").write_text(away)
    code, said = run(str(copy / "up"), "registry", "bats")
    assert (code, said.split()[:2]) == (69, ["cannot", "registry"])
    (copy / "absences").write_text("# reasons\nregistry\tit is (away|off)\n")
    code, said = run(str(copy / "up"), "registry")
    assert (code, said.split()[:2]) == (0, ["absent", "registry"])
    assert engines.accepted("registry", "because it is away", copy / "absences")
    (copy / "registry-up").write_text("#!/bin/sh\nexit 1\n")
    code, said = run(str(copy / "up"), "registry")
    assert (code, said.split()[:2]) == (1, ["FAILED", "registry"])
