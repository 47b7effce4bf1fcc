import gzip
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import Write, any_events, as_v1, combined, v1

from slokit import tables
from slokit.formats import MAX_LINE_OCTETS
from slokit.tables import Builder, ClickRow, RejectRow, SliRow, build, sample_of

TEN = datetime(2026, 11, 23, 10, tzinfo=UTC)


def at(minute: int, **fields: object) -> bytes:
    return v1(ts=f"2026-11-23T10:{minute:02}:00.000Z", **fields)


def test_a_click_is_a_redirect_that_was_followed_from_a_known_client_or_not(log: Write) -> None:
    path = log(
        at(1), at(2), at(3, client="f" * 16), at(4, client=None), at(5, slug="b"),
        at(6, method="HEAD"), at(7, status=404), combined(status="307"),
    )  # fmt: skip
    assert build([path]).clicks == [ClickRow(TEN, "abc", 4, 2), ClickRow(TEN, "b", 1, 1)]


def test_sli_rows_are_by_window_route_release_and_colour(log: Write) -> None:
    path = log(
        at(0, status=503), at(4, duration_ms=251), at(5), at(5, release="r2", colour="green"),
        at(5, route="/livez"), combined(), combined(status="500"),
    )  # fmt: skip
    five = TEN.replace(minute=5)
    assert build([path], threshold_ms=250).sli == [
        SliRow(TEN, TEN, 300, "*", None, None, 2, 1, 0, 0, 250),
        SliRow(TEN, TEN, 300, "/{slug}", "r1", "blue", 2, 1, 2, 1, 250),
        SliRow(TEN, five, 300, "/{slug}", "r1", "blue", 1, 1, 1, 0, 250),
        SliRow(TEN, five, 300, "/{slug}", "r2", "green", 1, 1, 1, 0, 250),
    ]


def test_rejects_are_by_file_and_reason_with_the_smallest_line(log: Write) -> None:
    first = log(b"zz", b"b", b"a" * 300, b"", name="one")
    second = log(b"\xffx", b"x" * (MAX_LINE_OCTETS + 9), v1(), name="two")
    result = build([first, second])
    assert result.rejects == [
        RejectRow(str(first), "blank", "", 1),
        RejectRow(str(first), "format", "a" * 200, 3),
        RejectRow(str(second), "encoding", "\ufffdx", 1),
        RejectRow(str(second), "too_long", "x" * 200, 1),
    ]
    assert (result.lines, result.accepted, result.rejected) == (7, 1, 6)


def test_a_sample_is_200_characters_however_many_bytes_they_take() -> None:
    assert sample_of("😀".encode() * 300) == "😀" * 200
    assert sample_of(b"\xff" * 900) == "\ufffd" * 200


def test_packed_and_plain_make_one_table(log: Write, tmp_path: Path) -> None:
    packed = tmp_path / "access.log.1.gz"
    packed.write_bytes(gzip.compress(v1() + b"\n" + v1()))
    assert build([packed, log(v1())]).clicks == [ClickRow(TEN, "abc", 3, 1)]


@pytest.mark.parametrize("window_s", [0, -300, 7, 7200])
def test_a_window_must_lie_within_an_hour(window_s: int) -> None:
    with pytest.raises(ValueError, match="divide 3600"):
        Builder(window_s=window_s)


@given(st.lists(any_events.map(as_v1) | st.binary(max_size=9), max_size=20), st.randoms())
def test_the_order_of_the_lines_makes_no_difference(lines: list[bytes], random: Random) -> None:
    def made(lines: list[bytes]) -> object:
        builder = Builder()
        for line in lines:
            builder.add_line("x", line)
        return builder.tables()

    shuffled = list(lines)
    random.shuffle(shuffled)
    assert made(lines) == made(shuffled)


def test_these_tests_notice_a_window_that_is_off(
    log: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    monkeypatch.setattr(tables, "window_of", lambda ms, length: ms // 1000)
    with pytest.raises(AssertionError):
        test_sli_rows_are_by_window_route_release_and_colour(log)
