"""The committed OpenAPI document, and whether the service keeps it."""

import json
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
