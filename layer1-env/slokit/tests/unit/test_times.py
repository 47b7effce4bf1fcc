import pytest
from made import T0

from slokit.times import reader


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-11-23T10:00:00Z", 0),
        ("2026-11-23T11:00:00+01:00", 0),
        ("2026-11-23T10:00:00.5Z", 500),
        ("2026-11-23T10:00:00.1239Z", 123),  # what is finer than a millisecond is cut, not rounded
        ("2026-11-23T10:00:01.000001Z", 1000),
    ],
)
def test_a_time_of_day_is_read_to_the_millisecond(text: str, ms: int) -> None:
    assert reader(["time_iso"])(text) == T0 + ms


def test_seconds_since_1970_have_a_fraction() -> None:
    read = reader(["time_epoch"])
    assert [read(f"{T0 // 1000}{end}") for end in ("", ".25", ".0019")] == [T0, T0 + 250, T0 + 1]
    assert read("2026-11-23T10:00:00Z") is None


def test_of_several_forms_the_first_that_fits_is_read() -> None:
    read = reader(["time_iso", "time_epoch"])
    assert read("2026-11-23T10:00:00.5Z") == read(f"{T0 // 1000}.5") == T0 + 500
    assert read("yesterday") is None
