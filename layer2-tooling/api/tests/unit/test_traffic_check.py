import gzip
import json

import pytest

from hop_traffic import check, cli, logfile, truthfile
from hop_traffic.errors import EmptyLogError, LogError, NoClientError
from hop_traffic.truth import Key, Lost, Truth

INTERNAL = frozenset({"/healthz"})
CLICK = Key("GET", "/{slug}", 307)


def line(method="GET", route="/{slug}", status=307, slug="abc", ms=2.0):
    return {
        "v": 1,
        "method": method,
        "route": route,
        "status": status,
        "slug": slug,
        "duration_ms": ms,
    }


@pytest.fixture
def truth():
    truth = Truth(threshold_ms=250.0, slow=1)
    truth.counts.update({CLICK: 3, Key("GET", "/{slug}", 404): 1})
    truth.clicks.update({"abc": 2, "xyz": 1})
    return truth


@pytest.fixture
def lines():
    return [
        line(),
        line(ms=400.0),
        line(slug="xyz"),
        line(status=404, slug="gone"),
        line(route="/healthz", status=200, slug=None, ms=900.0),
    ]


def compare(truth, lines):
    logged = check.count(lines, threshold_ms=truth.threshold_ms, internal=INTERNAL)
    return list(check.differences(truth, logged))


def test_a_log_of_what_was_sent_agrees(truth, lines):
    assert compare(truth, lines) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda lines: lines.pop(0), "GET /{slug} 307: 3 answered, 2 logged"),
        (lambda lines: lines.append(line()), "GET /{slug} 307: 3 answered, 4 logged"),
        (lambda lines: lines[0].update(status=308), "GET /{slug} 308: 0 answered, 1 logged"),
        (lambda lines: lines[0].update(slug="xyz"), "clicks on abc: 2 answered, 1 logged"),
        (lambda lines: lines[0].update(method="HEAD"), "HEAD /{slug} 307: 0 answered, 1 logged"),
        (lambda lines: lines[3].update(route="unmatched"), "GET unmatched 404: 0 answered"),
        (lambda lines: lines[1].update(duration_ms=250.0), "slower than 250 ms: 1 to 1, 0 logged"),
        (lambda lines: lines[0].update(duration_ms=251.0), "slower than 250 ms: 1 to 1, 2 logged"),
        (lambda lines: lines[4].update(route="/api/v1/links"), "GET /api/v1/links 200: 0 answered"),
    ],
)
def test_one_changed_line_is_a_difference(truth, lines, change, found):
    change(lines)
    assert any(difference.startswith(found) for difference in compare(truth, lines))


def test_a_request_without_an_answer_may_be_in_the_log_once(truth, lines):
    truth.lost[Lost("GET", "/{slug}", "abc", "ReadTimeout")] = 1
    assert compare(truth, lines) == []
    assert compare(truth, [*lines, line()]) == []
    assert compare(truth, [*lines, line(), line()]) != []
    assert compare(truth, [*lines, line(slug="other")]) != []
    assert compare(truth, lines[1:]) != []


def test_an_answer_slow_by_chance_may_be_slow_in_the_log(truth, lines):
    truth.maybe_slow = 1
    assert compare(truth, lines) == []
    lines[0]["duration_ms"] = 300.0
    assert compare(truth, lines) == []


@pytest.mark.parametrize("field", ["method", "route", "status", "slug", "duration_ms"])
def test_a_line_without_a_field_is_named(truth, lines, field):
    del lines[2][field]
    with pytest.raises(LogError, match="line 3"):
        compare(truth, lines)


@pytest.fixture
def files(tmp_path, truth, lines, monkeypatch):
    monkeypatch.setattr(logfile, "internal_routes", lambda: INTERNAL)
    truthfile.write(tmp_path / "truth.json", truth)
    text = [json.dumps(one).encode() + b"\n" for one in lines]
    (tmp_path / "one.log").write_bytes(b"".join(text[:2]))
    (tmp_path / "two.log.gz").write_bytes(gzip.compress(b"".join(text[2:])))
    return tmp_path


def run(files, *names):
    logs = [str(files / name) for name in names]
    return cli.main(["check", "--truth", str(files / "truth.json"), *logs])


def test_the_command_reads_several_logs_and_packed_ones(files, capsys):
    assert run(files, "one.log", "two.log.gz") == 0
    assert capsys.readouterr().out == "log and truth agree on 4 requests, 3 clicks\n"


def test_the_command_prints_what_differs(files, capsys):
    assert run(files, "one.log") == 1
    assert "clicks on xyz: 1 answered, 0 logged" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", 4, "no line"),
        (b"no json\n", 1, "bad.log:1: not JSON"),
        (b"\xff\n", 1, "bad.log:1: not JSON"),
        (b"17\n", 1, "bad.log:1: not a line of schema v1"),
        (b'{"v": 2}\n', 1, "bad.log:1: not a line of schema v1"),
    ],
)
def test_a_log_that_is_none_gets_one_message(files, capsys, content, code, said):
    (files / "bad.log").write_bytes(content)
    assert run(files, "bad.log") == code
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_log_that_cannot_be_read_gets_one_message(files, capsys):
    packed = (files / "two.log.gz").read_bytes()
    (files / "cut.log.gz").write_bytes(packed[:-12])
    for name in ("none.log", ".", "cut.log.gz"):
        assert run(files, name) == 1
        assert "cannot read" in capsys.readouterr().err


def test_no_log_at_all_is_empty():
    with pytest.raises(EmptyLogError):
        list(logfile.read([]))


def test_without_slokit_the_check_says_so(monkeypatch):
    def missing(_):
        raise ModuleNotFoundError("slokit")

    monkeypatch.setattr(logfile.resources, "files", missing)
    with pytest.raises(NoClientError, match="slokit"):
        logfile.internal_routes()


def test_this_suite_notices_a_check_that_ignores_clicks(truth, lines, monkeypatch):
    monkeypatch.setattr(check, "CLICK", ("GET", 0))
    truth.clicks.clear()
    lines[0]["slug"] = "xyz"
    assert compare(truth, lines) == []
    with pytest.raises(AssertionError):
        test_one_changed_line_is_a_difference(
            truth, lines, lambda _: None, "clicks on abc: 2 answered, 1 logged"
        )
