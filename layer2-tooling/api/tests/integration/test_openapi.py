"""The committed OpenAPI document, and whether the service keeps it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import schemathesis
from hop_support import process
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from hop.web import openapi

COMMITTED = Path(__file__).parents[2] / "openapi.json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# /drain would make /readyz answer 503, /faults other routes: that is what they are for.
document = json.loads(COMMITTED.read_text())
for path in ("/drain", "/faults"):
    del document["paths"][path]
schema = schemathesis.openapi.from_dict(document)


def test_the_committed_document_is_what_the_code_says():
    assert COMMITTED.read_text() == openapi.document(), "make -C layer2-tooling openapi"


def test_it_is_openapi_3_1_and_knows_the_redirect_and_the_problems():
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]["/{slug}"]) == {"get", "head"}
    assert "307" in document["paths"]["/{slug}"]["get"]["responses"]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"], path


def test_this_test_notices_drift(monkeypatch):
    """The negative control: another title is another document."""
    monkeypatch.setattr(openapi, "MAX_LENGTH", 63)
    with pytest.raises(AssertionError):
        test_the_committed_document_is_what_the_code_says()


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with process(tmp_path_factory.mktemp("schemathesis")) as hop:
        yield hop.url


@schema.parametrize()
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_makes_a_server_error(case, url):
    case.call_and_validate(base_url=url, checks=CHECKS, allow_redirects=False)


PHASES = ("Examples", "Coverage", "Fuzzing", "Stateful")
# hop that fails on a link which exists: a made-up slug does not show it.
BROKEN = """
import sys
from hop.services.links import LinkService
from hop.start import main

real = LinkService.get

async def get(self, slug):
    await real(self, slug)
    raise RuntimeError("planted")

LinkService.get = get
sys.exit(main())
"""


def all_phases(folder, **options):
    """Schemathesis' own program on a real hop: exit code and the phases that passed."""
    with process(folder, HOP_TOKEN="t", **options) as hop:
        words = ["run", str(COMMITTED), "--url", hop.url, "--header", "Authorization: Bearer t"]
        words += ["--phases", ",".join(PHASES).lower(), "--max-examples", "5", "--seed", "1"]
        words += ["--max-failures", "1"]
        words += ["--exclude-path-regex", "^/(drain|faults)$", "--no-color"]
        words += ["--checks", ",".join(check.__name__ for check in CHECKS)]
        command = [str(Path(sys.executable).with_name("schemathesis")), *words]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    passed = [name for name in PHASES if f"\u2705 {name}\n" in done.stdout]
    return done.returncode, passed, done.stdout


def test_schemathesis_finds_nothing_in_any_of_its_phases(tmp_path):
    code, passed, said = all_phases(tmp_path)
    assert (code, passed) == (0, list(PHASES)), said


def test_a_planted_bug_turns_it_red(tmp_path):
    """The negative control."""
    code, passed, said = all_phases(tmp_path, program=("-c", BROKEN))
    assert (code, len(passed) < len(PHASES)) == (1, True), said
    assert "Server error" in said
