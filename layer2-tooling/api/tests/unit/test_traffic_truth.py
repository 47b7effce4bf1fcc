import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop_traffic import truthfile
from hop_traffic.errors import TruthError
from hop_traffic.model import SHAPES, Fault, Kind, Outcome, Planned
from hop_traffic.truth import Key, Lost, Surprise, Truth, merge

REFUSE, DELAY = Fault(status=503), Fault(delay_ms=400)


def outcome(kind=Kind.REDIRECT, status=307, *, fault=None, slug="abc", ms=5.0, at=1000.0, **more):
    planned = Planned(0.0, kind, SHAPES[kind].route, (), fault=fault)
    return Outcome(planned, at, at + ms / 1000, status=status, slug=slug, **more)


def truth(*outcomes):
    counted = Truth(threshold_ms=250.0)
    for one in outcomes:
        counted.add(one)
    return counted


OUTCOMES = st.lists(
    st.builds(
        outcome,
        kind=st.sampled_from(Kind),
        status=st.sampled_from([None, 200, 201, 307, 404, 503]),
        fault=st.sampled_from([None, REFUSE, DELAY]),
        slug=st.sampled_from(["abc", "xyz", None]),
        ms=st.floats(0, 1000),
        at=st.floats(1e9, 2e9),
        sent=st.booleans(),
        error=st.just("ReadTimeout"),
    ),
    max_size=20,
)


def test_a_get_answered_307_is_a_click_and_nothing_else_is():
    counted = truth(
        outcome(),
        outcome(Kind.HEAD),
        outcome(Kind.MISSING, 404, slug=None),
        outcome(status=503, fault=REFUSE),
        outcome(Kind.STATS, 200),
    )
    assert counted.clicks == {"abc": 1}
    assert counted.total == 5


def test_a_server_error_is_bad_and_a_client_error_is_good():
    counted = truth(outcome(), outcome(Kind.MISSING, 404), outcome(status=503, fault=REFUSE))
    assert (counted.total, counted.good, counted.failed) == (3, 2, 1)
    assert counted.injected_failures == 1
    assert not counted.surprises


def test_a_failure_nobody_injected_is_a_surprise():
    counted = truth(outcome(status=503), outcome(status=307, fault=REFUSE), outcome(status=500))
    assert counted.surprises == {Surprise("redirect", 503): 1, Surprise("redirect", 500): 1}
    assert (counted.failed, counted.injected_failures) == (2, 0)


def test_probes_do_not_count():
    counted = truth(outcome(Kind.PROBE, 200, slug=None))
    assert counted.total == 0
    assert counted.internal == {Key("GET", "/healthz", 200): 1}
    assert counted.first is None


def test_an_injected_delay_is_slow_and_a_chance_one_may_be():
    counted = truth(outcome(ms=401, fault=DELAY), outcome(ms=251), outcome(ms=249))
    assert (counted.slow, counted.maybe_slow) == (1, 1)


def test_no_answer_is_lost_only_when_hop_may_have_seen_the_request():
    counted = truth(
        outcome(status=None, error="ReadTimeout"),
        outcome(Kind.STATS, None, error="ReadTimeout"),
        outcome(status=None, error="ConnectError", sent=False),
        outcome(Kind.PROBE, None, error="ReadTimeout"),
    )
    assert counted.lost == {
        Lost("GET", "/{slug}", "abc", "ReadTimeout"): 1,
        Lost("GET", "/api/v1/links/{slug}/stats", None, "ReadTimeout"): 1,
    }
    assert (counted.unsent, counted.total) == (1, 0)


@given(OUTCOMES, OUTCOMES)
def test_two_runs_count_as_one(first, second):
    assert merge(truth(*first), truth(*second)) == truth(*first, *second)


@given(OUTCOMES)
def test_a_truth_survives_its_file(outcomes):
    before = truth(*outcomes)
    after = truthfile.from_json(json.loads(json.dumps(truthfile.to_json(before))))
    for times in ("first", "last"):  # the file keeps microseconds
        assert getattr(after, times) == pytest.approx(getattr(before, times), abs=1e-6)
        setattr(after, times, getattr(before, times))
    assert after == before


def test_good_and_failed_make_the_total_in_the_file():
    data = truthfile.to_json(truth(outcome(), outcome(status=503, fault=REFUSE)))
    assert (data["total"], data["good"], data["failed"]) == (2, 1, 1)
    assert data["first"] == "1970-01-01T00:16:40+00:00"
    assert data["clicks"] == {"abc": 1}
    assert {"method": "GET", "route": "/{slug}", "status": 307, "count": 1} in data["counts"]


def test_the_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "new folder" / "truth.json"
    truthfile.probe(path)
    truthfile.write(path, truth(outcome()))
    old = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(truthfile.os, "fsync", full)
    with pytest.raises(TruthError, match="No space left"):
        truthfile.write(path, truth())
    assert path.read_bytes() == old
    assert [file.name for file in path.parent.iterdir()] == ["truth.json"]


def test_a_place_that_takes_no_file_is_found_out_before_the_run(tmp_path):
    with pytest.raises(TruthError, match="is a directory"):
        truthfile.probe(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(TruthError, match="cannot write"):
        truthfile.probe(tmp_path / "file" / "truth.json")


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[]", b"{}", b'{"v": 2}', b'{"v": 1, "threshold_ms": 250}', b'"text"', b"null"],
)
def test_another_file_is_no_truth(tmp_path, content):
    path = tmp_path / "truth.json"
    path.write_bytes(content)
    with pytest.raises(TruthError, match=r"truth\.json"):
        truthfile.read(path)


def test_a_missing_truth_is_named(tmp_path):
    with pytest.raises(TruthError, match="No such file"):
        truthfile.read(tmp_path / "none.json")


def test_this_suite_notices_a_head_that_counts_as_click(monkeypatch):
    head = SHAPES[Kind.REDIRECT]
    monkeypatch.setitem(SHAPES, Kind.HEAD, head)
    with pytest.raises(AssertionError):
        test_a_get_answered_307_is_a_click_and_nothing_else_is()


def test_this_suite_notices_a_merge_that_loses_clicks(monkeypatch):
    monkeypatch.setattr(Counter, "__add__", lambda self, other: self)
    with pytest.raises(AssertionError):
        test_two_runs_count_as_one()
