"""hop on the cluster, and the tables of its logs: made once for all files here."""

from __future__ import annotations

import time

import pytest
from on_kind import autoscaling, deploy, etl, gateway
from on_kind.deploy import Images
from on_kind.traffic import during


@pytest.fixture(scope="session")
def images() -> Images:
    """hop 1.0.0, deployed; a cluster that is here from a run before is taken as it is."""
    found = deploy.images()
    autoscaling.install()
    deploy.first("1.0.0", found)
    gateway.install(found.traefik)
    autoscaling.publish()
    return found


@pytest.fixture(scope="session")
def tables(images: Images) -> int:
    """The local run's tables, of logs that stay as they are; how many lines they account for."""
    with during(tail_s=0) as tally:
        time.sleep(2)
    lines = etl.ship()
    assert lines >= tally.requests > 0
    assert etl.run()["lines"] == lines
    return lines
