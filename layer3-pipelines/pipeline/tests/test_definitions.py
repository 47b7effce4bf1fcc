"""GitHub's and Azure's definitions run our stages, all of them, in their order."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pipeline import definitions
from pipeline.stages import BY_NAME, NAMES, PROGRAM

from layerctl.checks import tool
from layerctl.paths import ROOT

FILES = {
    "github": ROOT / ".github/workflows/deploy.yml",
    "azure": ROOT / "layer3-pipelines/azure-pipelines.yml",
}
READ = {"github": definitions.github, "azure": definitions.azure}


def text(kind: str) -> str:
    return FILES[kind].read_text("utf-8")


def problems(kind: str, given: str) -> list[str]:
    # Every scalar is a string, as Azure's schema has it; and `on` stays a key.
    found: dict[str, Any] = yaml.load(given, yaml.BaseLoader)
    steps: Iterator[tuple[str, str]] = READ[kind](found)
    return definitions.problems(steps)


@pytest.mark.parametrize("kind", FILES)
def test_a_definition_is_the_pipeline(kind: str) -> None:
    assert problems(kind, text(kind)) == []


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("name", BY_NAME)
def test_a_stage_that_is_missing_is_named(kind: str, name: str) -> None:
    steps = READ[kind](yaml.load(text(kind), yaml.BaseLoader))
    (said,) = definitions.problems(step for step in steps if step[0] != name)
    assert name not in said.partition("want")[0]


@pytest.mark.parametrize("kind", FILES)
def test_stages_in_another_order_are_named(kind: str) -> None:
    swapped = text(kind).replace("scan", "\0").replace("sign\n", "scan\n").replace("\0", "sign")
    assert problems(kind, swapped)


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("tail", [" || true", " && curl example.invalid", "; true"])
def test_a_stage_that_does_something_else_is_named(kind: str, tail: str) -> None:
    changed = text(kind).replace(f"{PROGRAM} smoke", f"{PROGRAM} smoke{tail}")
    assert problems(kind, changed) == [f"smoke: runs ['{PROGRAM} smoke{tail}']"]


def schema_errors(given: str, folder: Path) -> str:
    """What Azure's own schema, as check-jsonschema carries it, has against a definition.

    There every scalar is a string, and no pattern is a Unicode regular expression of ECMAScript.
    """
    file = folder / "azure-pipelines.json"
    file.write_text(json.dumps(yaml.load(given, yaml.BaseLoader)), "utf-8")
    command = [tool("layerctl", "check-jsonschema"), "--regex-variant", "python", "--verbose"]
    command += ["--builtin-schema", "vendor.azure-pipelines", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_azures_schema_takes_the_definition(tmp_path: Path) -> None:
    assert schema_errors(text("azure"), tmp_path) == ""


@pytest.mark.parametrize(
    ("right", "wrong"), [("stages:", "stagez"), ("timeoutInMinutes:", "timeout")]
)
def test_azures_schema_names_what_it_does_not_know(right: str, wrong: str, tmp_path: Path) -> None:
    said = schema_errors(text("azure").replace(right, f"{wrong}:", 1), tmp_path)
    assert f"'{wrong}' was unexpected" in said


def test_the_help_names_every_stage() -> None:
    said = (ROOT / PROGRAM).read_text("utf-8")
    assert f"STAGE    {' '.join(NAMES)}; rollback" in said


def test_nothing_is_deployed_without_an_approval() -> None:
    github = yaml.safe_load(text("github"))["jobs"]
    azure = yaml.safe_load(text("azure"))["stages"][1]["jobs"][0]
    assert github["deploy"]["environment"] == azure["environment"] == "production"
    assert github["deploy"]["permissions"] == {"contents": "read", "packages": "read"}


def test_where_the_definitions_are_run_from_is_in_the_repository() -> None:
    assert (Path(ROOT) / PROGRAM).stat().st_mode & 0o111
