"""A column renamed under traffic: the whole story once, and checks that must be able to fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from main_job.steps import Steps
from schema_change import crossing, database, naive, story
from schema_change.database import Database
from schema_change.releases import EXPANDED, NEW, OLD, RELEASES, serving

from layerctl import environments
from layerctl.errors import LayerctlError

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Database]:
    environments.setup(["api"], level="run", check=False)
    for release in RELEASES:
        release.make()
    with database.server() as running:
        yield running


def test_a_column_is_renamed_under_traffic_and_no_request_fails(server: Database) -> None:
    facts: dict[str, Any] = {}
    at = story.prepared(server)
    story.change(Steps(6), at, facts)
    assert (facts["failed"], facts["revision"]) == (0, "0004")
    assert facts["requests"] > 300
    assert facts["rows"] >= story.LINKS
    assert facts["batches"] > story.LINKS / story.BATCH
    assert facts["crossed"] >= crossing.CROSSINGS
    assert facts["tries"] >= story.TRIES
    columns = re.findall(r"^links (target\w*)", at.shape(), re.MULTILINE)
    assert columns == ["target_url"]


def test_done_in_one_step_or_without_a_limit_requests_fail(server: Database) -> None:
    """The control of the count: the same traffic, the usual ways."""
    facts: dict[str, Any] = {}
    naive.tell(Steps(1), story.prepared(server), facts)
    assert facts["blocked"]["failed"] > 0
    assert "answered 500" in facts["renamed"]["why"]


def test_without_the_trigger_two_releases_do_not_understand_each_other(server: Database) -> None:
    """The control of the crossings, and of what says that a migration was refused."""
    at = story.prepared(server)
    with pytest.raises(LayerctlError, match=r"1\.1\.0: ended with 0"):
        story.refused(EXPANDED, at, 1, "", wait_s=60)
    database.batches(at, story.LINKS)
    story.migrated(NEW, at)
    at.ask("DROP TRIGGER links_both_targets ON links")
    with (
        serving(OLD, at, "hop-one") as one,
        serving(NEW, at, "hop-other") as other,
        pytest.raises(LayerctlError, match="went wrong: made: 500"),
    ):
        crossing.crossed(one, other)
