"""compose.yaml and what it mounts, read as files: no engine needed."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from stack import alerts, notebook, settings, signals
from stack.compose import FILE

from layerctl.paths import ROOT

CONFIG = ROOT / "layer3-pipelines/config"
DATABASE = {"postgres", "migrate", "hop-1", "hop-2", "etl"}
LABEL = "six-layers"


def read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return found


def problems(compose: dict[str, Any]) -> set[str]:
    """What breaks a rule of the house, as ``service: rule``."""
    found = set()
    for kind in ("services", "networks", "volumes"):
        found |= {f"{n}: label" for n, v in compose[kind].items() if LABEL not in v["labels"]}
    for name, service in compose["services"].items():
        limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
        rules = {
            "limits": {"memory", "cpus", "pids"} <= set(limits),
            "capabilities": service.get("cap_drop") == ["ALL"],
            "privileges": "no-new-privileges:true" in service.get("security_opt", []),
            "loopback": all(p.startswith("127.0.0.1:${") for p in service.get("ports", [])),
            "image": re.fullmatch(r"\$\{[A-Z]+_IMAGE:-\}", service["image"]) is not None,
            "profile": bool(service.get("profiles")),
            "database": (name in DATABASE) == ("data" in service["networks"]),
            "log size": "max-size" in service["logging"]["options"],
            "secret": not re.search(r"password|token", " ".join(plain(service)), re.IGNORECASE),
        }
        found |= {f"{name}: {rule}" for rule, kept in rules.items() if not kept}
    found |= {
        f"{n}: open" for n in ("app", "data", "watch") if not compose["networks"][n]["internal"]
    }
    return found


def plain(service: dict[str, Any]) -> list[str]:
    """Variables that hold a value and not the name of a file."""
    pairs = service.get("environment", {}).items()
    return [f"{name}={value}" for name, value in pairs if not name.endswith(("_FILE", "__FILE"))]


def test_the_stack_keeps_the_rules() -> None:
    assert problems(read()) == set()


@pytest.mark.parametrize(
    ("service", "change", "rule"),
    [
        ("hop-1", {"ports": ["8000:8000"]}, "hop-1: loopback"),
        ("proxy", {"labels": {}}, "proxy: label"),
        ("etl", {"deploy": {}}, "etl: limits"),
        ("notebook", {"networks": ["edge", "data"]}, "notebook: database"),
        ("postgres", {"environment": {"POSTGRES_PASSWORD": "x"}}, "postgres: secret"),
        ("postgres", {"image": "postgres:latest"}, "postgres: image"),
        ("webhook", {"cap_drop": []}, "webhook: capabilities"),
    ],
)
def test_a_broken_rule_is_named(service: str, change: dict[str, Any], rule: str) -> None:
    compose = copy.deepcopy(read())
    compose["services"][service] |= change
    assert problems(compose) == {rule}


def test_the_matrix_has_every_service_and_its_reasons() -> None:
    small = yaml.safe_load((CONFIG / "small-disks.yaml").read_text("utf-8"))
    assert set(signals.read()) == {*read()["services"], *small["services"]}


def test_ports_have_the_defaults_that_the_driver_knows() -> None:
    text = FILE.read_text("utf-8")
    assert dict(re.findall(r"\$\{([A-Z_]+_PORT):-(\d+)\}", text)) == {
        name: str(port) for name, port in settings.PORTS.items()
    }


def test_every_alert_has_a_proof_and_says_what_next() -> None:
    rules = yaml.safe_load((CONFIG / "prometheus/rules/pipeline.yaml").read_text("utf-8"))
    found = {rule["alert"]: rule for group in rules["groups"] for rule in group["rules"]}
    assert set(found) == {name for _, names in alerts.STAGES for name in names}
    silent = {name for name, rule in found.items() if "next" not in rule["annotations"]}
    assert silent == {"Heartbeat"}


def promtool(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["promtool", "test", "rules", str(folder / "tests/pipeline.yaml")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.prometheus
def test_the_rules_do_what_their_tests_say(tmp_path: Path) -> None:
    done = promtool(CONFIG / "prometheus")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("rules", "tests"):
        (tmp_path / name).mkdir()
        text = (CONFIG / f"prometheus/{name}/pipeline.yaml").read_text("utf-8")
        (tmp_path / name / "pipeline.yaml").write_text(text.replace("for: 30s", "for: 3s"))
    assert promtool(tmp_path).returncode == 1


@pytest.mark.prometheus
def test_the_configuration_is_one() -> None:
    command = ["promtool", "check", "config", str(CONFIG / "prometheus/prometheus.yml")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_the_notebook_is_committed_without_results() -> None:
    text = (ROOT / "layer3-pipelines/notebooks/clicks.ipynb").read_text("utf-8")
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    assert len(cells) == 3
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


def test_a_plot_is_a_picture_with_something_drawn() -> None:
    def shows(svg: str) -> dict[str, Any]:
        return {"cells": [{"outputs": [{"data": {"image/svg+xml": svg}}]}, {"source": "# text"}]}

    assert notebook.plots(shows("<svg><path d='M0,0'/></svg>")) == 1
    assert notebook.plots(shows("<svg></svg>")) == 0
