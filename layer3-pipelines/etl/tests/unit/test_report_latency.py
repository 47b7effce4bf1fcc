import json

import pytest

from hop_etl.errors import InputError
from hop_etl.report import latency

BUCKETS = {"buckets_ms": [5, 250], "counts": [7, 2, 1], "timed": 10}


@pytest.fixture
def histogram(tmp_path):
    def make(content):
        path = tmp_path / "sli.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return latency.read(path)

    return make


@pytest.mark.parametrize("content", [BUCKETS, {"total": 10, "latency_histogram": BUCKETS}])
def test_the_histogram_is_found_at_the_top_and_below_its_key(histogram, content):
    found = histogram(content)
    assert found == latency.Histogram((5.0, 250.0), (7, 2, 1))
    assert found.timed == 10


def test_slokit_has_no_histogram_for_a_part_of_a_log(histogram):
    assert histogram({"latency_histogram": None}) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "7",
        "{}",
        {"buckets_ms": [5], "counts": "many"},
        {"buckets_ms": [], "counts": [1]},
        {"buckets_ms": [5, 5], "counts": [1, 1, 1]},
        {"buckets_ms": [5, 10], "counts": [1, 1]},
        {"buckets_ms": [5], "counts": [1, -1]},
    ],
)
def test_what_is_no_histogram_is_refused_by_name(histogram, content):
    with pytest.raises(InputError, match=r"sli\.json holds no latency histogram"):
        histogram(content)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*absent"):
        latency.read(tmp_path / "absent")


def test_what_slokit_counts_is_what_is_read(histogram):
    from slokit.histogram import Latency

    counted = Latency()
    for duration in (1.0, 250.0, 250.1, 9_000.0):
        counted.add(duration)
    found = histogram({"latency_histogram": counted.as_dict()})
    assert found.timed == 4
    assert found.counts[-1] == 1
    within = sum(c for b, c in zip(found.bounds_ms, found.counts, strict=False) if b <= 250)
    assert within == 2
