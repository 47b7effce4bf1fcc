"""hop.yaml against objectives.json, and one bad file for each thing that can be wrong."""

import ast
import json
from pathlib import Path

import derive
import generate
import openslo
import pytest
import reading

FOLDER = Path(generate.__file__).parent
HOP = (FOLDER / "hop.yaml").read_text("utf-8")
HOP_SOURCE = FOLDER.parents[1] / "layer2-tooling" / "api" / "src" / "hop"


@pytest.fixture
def slo_file(tmp_path):
    def write(old="", new="", count=-1):
        assert old in HOP, f"the test edits text that hop.yaml no longer has: {old!r}"
        path = tmp_path / "hop.yaml"
        path.write_text(HOP.replace(old, new, count) if old else HOP, "utf-8")
        return path

    return write


def check(slo, out):
    return generate.main(["--check", "--slo", str(slo), "--out", str(out)])


def test_the_committed_twin_is_the_one_that_is_generated():
    assert generate.main(["--check"]) == 0


def test_the_twin_has_the_contracted_shape():
    hop = json.loads((FOLDER / "objectives.json").read_text("utf-8"))["services"]["hop"]
    assert hop["window_s"] == 30 * 86_400
    assert hop["objectives"] == {
        "availability": {"target": 0.995},
        "latency": {"target": 0.99, "threshold_ms": 250},
    }
    assert [(b["spent"], b["long_s"], b["short_s"]) for b in hop["burn"]] == [
        (0.02, 3_600, 300),
        (0.05, 21_600, 1_800),
        (0.1, 86_400, 7_200),
    ]


def test_burn_factors_are_nowhere_typed():
    # 2 % in 1 h of 30 d is 0.02 * 720 = 14.4; 5 % in 6 h is 6; 10 % in 1 d is 3.
    for name in ("hop.yaml", "objectives.json"):
        assert "14.4" not in (FOLDER / name).read_text("utf-8")


def test_a_changed_target_is_drift_until_it_is_generated(slo_file, tmp_path, capsys):
    slo, out = slo_file("targetPercent: 99.5", "targetPercent: 99.9"), tmp_path / "out.json"
    assert check(slo, out) == 1
    out.write_text((FOLDER / "objectives.json").read_text("utf-8"), "utf-8")
    assert check(slo, out) == 1
    assert "differs from" in capsys.readouterr().err
    assert generate.main(["--slo", str(slo), "--out", str(out)]) == 0
    assert check(slo, out) == 0
    assert json.loads(out.read_text("utf-8"))["services"]["hop"]["objectives"]["availability"] == {
        "target": 0.999
    }


def test_a_check_changes_nothing(slo_file, tmp_path):
    assert check(slo_file(), tmp_path / "absent.json") == 1
    assert not (tmp_path / "absent.json").exists()


def test_a_share_and_a_percentage_are_the_same_target(slo_file):
    assert derive.objectives(slo_file("targetPercent: 99.5", "target: 0.995")) == derive.objectives(
        slo_file()
    )


@pytest.mark.parametrize(
    ("bound", "threshold_ms"), [("0.1", 100), ("2.5", 2500), ("0.005", 5), ("0.0025", 2.5)]
)
def test_every_bucket_is_a_possible_threshold(slo_file, bound, threshold_ms):
    hop = derive.objectives(slo_file('le: "0.25"', f'le: "{bound}"'))["services"]["hop"]
    assert hop["objectives"]["latency"]["threshold_ms"] == threshold_ms


BAD = [
    ("targetPercent: 99.5", "targetPercent: 100", "strictly between 0 and 100"),
    ("targetPercent: 99.5", "target: 1.0", "strictly between 0 and 100"),
    ("targetPercent: 99.5", "target: 99.5", "strictly between 0 and 100"),
    ("targetPercent: 99.5", "target: 0", "strictly between 0 and 100"),
    ("targetPercent: 99.5", "target: .nan", "strictly between 0 and 100"),
    ("targetPercent: 99.5", "target: many", "is no number"),
    ("targetPercent: 99.5", "op: lte", "'op' is not a key we read"),
    (
        "      targetPercent: 99.5",
        "      target: 0.9\n      targetPercent: 90",
        "give one of target",
    ),
    ("targetPercent: 99.5", "targetPercent: 99.5\n      targetPercent: 9", "stands twice"),
    ('le: "0.25"', 'le: "0.3"', "no bucket of the histogram (0.001, "),
    ('le: "0.25"', "le: 0.25", "must be strings"),
    ('le: "0.25"', 'route: "x"', "has no label 'le'"),
    ("  timeWindow:\n    - duration: 30d\n      isRolling: true\n", "", "'timeWindow' is missing"),
    ("timeWindow:\n    - duration: 30d\n      isRolling: true", "timeWindow: []", "exactly one"),
    ("duration: 30d", "duration: 1M", "no duration such as"),
    ("duration: 30d", "duration: 0d", "no duration such as"),
    ("isRolling: true", "isRolling: false", "isRolling must be true"),
    ("Occurrences", "Timeslices", "must be Occurrences"),
    ("openslo/v1", "openslo/v2alpha", "apiVersion is 'openslo/v2alpha'"),
    ("kind: SLO", "kind: AlertPolicy", "kind 'AlertPolicy' is not one we read"),
    ("service: hop", "service: hopp", "service 'hopp' has no Service document"),
    ("name: hop\n", "name: Hop\n", "'Hop' is no RFC 1123 label"),
    ("name: latency", "name: speed", "one SLO each for availability and latency"),
    ("name: latency", "name: availability", "one SLO each for availability and latency"),
    ("        bad:", "        worse:", "'worse' is not a key we read"),
    ("        bad:", "        good: {}\n        bad:", "give one of good and bad"),
    ("ratioMetric:", "thresholdMetric:", "'ratioMetric' is missing"),
    ("confirmed in 5m", "for 5m", "is not like '2% in 1h, confirmed in 5m, page'"),
    ("2% in 1h", "2% in 1 hour", "is not like"),
    ("2% in 1h", "2% in soon", "no duration such as"),
    ("confirmed in 5m", "confirmed in 1h", "short window < long window"),
    ("10% in 1d", "10% in 30d", "short window < long window"),
    ("10% in 1d", "1% in 1d", "0.30 times the pace"),
    ("2% in 1h", "50% in 1h", "can never fire"),
    ("burn.six-layers/", "alarm.six-layers/", "no annotation burn.six-layers/"),
    ("annotations:\n", "annotations:\n    number: 7\n", "must be strings"),
    ("spec:\n  description: Redirects", "spec: Redirects", "expected a mapping"),
    ("kind: Service", "kind: [Service]", "is not one we read"),
    ("    - duration: 30d\n", "    - duration: 30d\n      calendar: {}\n", "is not a key we read"),
    (
        "indicator:\n    metadata:\n      name: latency",
        "indicator:\n    metadata: latency\n    extra:\n      name: latency",
        "is not a key we read",
    ),
    ("apiVersion", "\tapiVersion", "cannot be read"),
]


@pytest.mark.parametrize(("old", "new", "message"), BAD, ids=[f"{n}" for _, n, _ in BAD])
def test_a_bad_file_is_refused_with_the_place_and_the_reason(
    slo_file, tmp_path, capsys, old, new, message
):
    out = tmp_path / "out.json"
    assert generate.main(["--slo", str(slo_file(old, new)), "--out", str(out)]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith(str(tmp_path / "hop.yaml"))
    assert "Traceback" not in error
    assert not out.exists()


def test_two_windows_in_one_service_are_refused(slo_file):
    with pytest.raises(reading.SloError, match="different windows"):
        derive.objectives(slo_file("duration: 30d", "duration: 28d", count=1))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"- a\n- b\n", b"text\n"])
def test_a_file_that_is_something_else_is_refused(tmp_path, content):
    (tmp_path / "hop.yaml").write_bytes(content)
    with pytest.raises(reading.SloError):
        derive.objectives(tmp_path / "hop.yaml")


def test_one_name_for_two_services_is_refused(tmp_path):
    path = tmp_path / "hop.yaml"
    path.write_text(f"{HOP.split('---')[0]}---\n{HOP}", "utf-8")
    with pytest.raises(reading.SloError, match="same name"):
        derive.objectives(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(reading.SloError, match="cannot be read"):
        openslo.load(tmp_path / "absent.yaml")


def histogram_buckets(folder):
    """The literal ``BUCKETS_S`` in hop's source."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and [ast.unparse(t) for t in node.targets] == [
                "BUCKETS_S"
            ]:
                return ast.literal_eval(node.value)
    return None


def test_the_buckets_are_those_of_hop():
    if not HOP_SOURCE.is_dir():
        pytest.skip("hop's source is not beside this folder: run in a full clone")
    of_hop = tuple(map(repr, histogram_buckets(HOP_SOURCE)))
    assert of_hop == derive.BUCKETS_S


def test_the_bucket_test_reads_the_source(tmp_path):
    """The negative control: other buckets in the source are other buckets here."""
    (tmp_path / "metrics.py").write_text("BUCKETS_S = (0.1, 1.0)\n", "utf-8")
    assert histogram_buckets(tmp_path) == (0.1, 1.0)
    assert histogram_buckets(tmp_path / "absent") is None


def test_these_tests_notice_a_generator_that_checks_nothing(
    slo_file, tmp_path, capsys, monkeypatch
):
    """The negative control: with any bound taken for a bucket, the bucket test must fail."""
    monkeypatch.setattr(derive, "BUCKETS_S", ("0.25", "0.3"))
    with pytest.raises(AssertionError):
        test_a_bad_file_is_refused_with_the_place_and_the_reason(
            slo_file, tmp_path, capsys, 'le: "0.25"', 'le: "0.3"', "no bucket"
        )


def test_these_tests_notice_a_check_that_always_passes(slo_file, tmp_path, capsys, monkeypatch):
    """The negative control of ``--check``: without the comparison, drift goes unseen."""
    monkeypatch.setattr(generate, "main", lambda argv: 0)
    with pytest.raises(AssertionError):
        test_a_changed_target_is_drift_until_it_is_generated(slo_file, tmp_path, capsys)
