import ast
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

import hop
from hop.domain.links import check_expiry
from hop.errors import InvalidLink

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
FRAMEWORKS = {"fastapi", "starlette", "sqlalchemy", "pydantic", "prometheus_client", "asyncpg"}


def test_an_expiry_is_kept_in_utc():
    berlin = timezone(timedelta(hours=1))
    kept = check_expiry(datetime(2026, 11, 23, 12, tzinfo=berlin), now=NOW)
    assert kept.hour == 11
    assert kept.tzinfo is UTC  # equal would also be the zone of a machine that has UTC
    assert check_expiry(None, now=NOW) is None


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (NOW, "must lie in the future"),
        (datetime(2030, 1, 1), "needs a time zone, for example Z"),
        (
            datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
            "lies outside the years 1 to 9999",
        ),
    ],
)
def test_an_expiry_that_cannot_be(at, reason):
    with pytest.raises(InvalidLink, match=rf"^expires_at {reason}$") as caught:
        check_expiry(at, now=NOW)
    assert caught.value.field == "expires_at"


def imports(module: Path):
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("layer", ["domain", "services"])
def test_domain_and_services_import_no_framework(layer):
    modules = list((Path(hop.__file__).parent / layer).glob("*.py"))
    assert len(modules) > 3
    for module in modules:
        found = {name.split(".")[0] for name in imports(module)}
        assert not found & FRAMEWORKS, module
        assert not any(name.startswith(("hop.web", "hop.storage")) for name in imports(module))
