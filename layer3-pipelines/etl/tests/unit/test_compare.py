"""Two programs that do not agree are noticed, whatever they disagree on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made
import pytest

from hop_etl.cli import main
from hop_etl.compare import Different, compare
from hop_etl.errors import InputError

HOUR = "2026-11-23T07:00:00.000Z"


def slokit() -> dict[str, Any]:
    """What slokit says of the tables below."""
    sli = {"hour": HOUR, "window_start": HOUR, "window_s": 300, "route": "/{slug}"}
    sli |= {"release": None, "colour": None, "threshold_ms": 250.0}
    return {
        "lines": 11,
        "accepted": 10,
        "rejected": 1,
        "sli": [sli | {"total": 10, "good": 9, "timed": 10, "slow": 2}],
        "clicks": [{"hour": HOUR, "slug": "abc", "clicks": 4, "clients": 1}],
        "rejects": [{"file": "a.log", "reason": "blank", "sample": "", "lines": 1}],
    }


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return made.write(
        tmp_path,
        [(0, made.counts(10, failed=1, slow=2))],
        clicks=[("abc", 4)],
        rejects=[("a.log", "blank", "", 1)],
        manifest={"lines": 11, "accepted": 10, "rejected": 1},
    )


def reference(folder: Path, change: Callable[[dict[str, Any]], object] | None = None) -> Path:
    found = slokit()
    if change:
        change(found)
    path = folder / "slokit.json"
    path.write_text(json.dumps(found))
    return path


def test_equal_tables_are_equal(tables: Path, tmp_path: Path) -> None:
    said = compare(tables, reference(tmp_path))
    assert said.startswith("equal: 11 lines; rows: 1 clicks, 1 sli, 1 rejects; digest ")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: r.update(lines=12), "slokit counted"),
        (lambda r: r["sli"][0].update(good=10), "sli: 1 rows expected, 1 found"),
        (lambda r: r["sli"][0].update(release="1.0.0"), "sli: "),
        (lambda r: r["clicks"][0].update(clients=2), "clicks: "),
        (lambda r: r["rejects"][0].update(sample="x"), "rejects: "),
        (lambda r: r["sli"].append(r["sli"][0]), "2 rows expected, 1 found"),
        (lambda r: r["clicks"].clear(), "0 rows expected, 1 found"),
    ],
)
def test_any_difference_is_found(
    tables: Path, tmp_path: Path, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    with pytest.raises(Different, match=words):
        compare(tables, reference(tmp_path, change))


def test_the_command_exits_1_and_shows_the_row(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["compare", "--tables", str(tables), "--reference"]
    assert main([*arguments, str(reference(tmp_path))]) == 0
    path = reference(tmp_path, lambda r: r["clicks"][0].update(clicks=5))
    assert main([*arguments, str(path)]) == 1
    assert "'abc', 5, 1" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"lines": "x"}'])
def test_a_file_that_is_no_reference_is_refused(tables: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "slokit.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"slokit\.json"):
        compare(tables, path)
    with pytest.raises(InputError, match=r"absent\.json"):
        compare(tables, tmp_path / "absent.json")


def test_another_runs_tables_are_a_reference_too(tables: Path, tmp_path: Path) -> None:
    windows = [(0, made.counts(10, failed=1, slow=2))]
    manifest = {"lines": 11, "accepted": 10, "rejected": 1}
    rejects = [("a.log", "blank", "", 1)]
    same, other, short = (tmp_path / name for name in ("same", "other", "short"))
    for folder, clicks, lines in ((same, 4, 11), (other, 5, 11), (short, 4, 12)):
        folder.mkdir()
        totals = manifest | {"lines": lines}
        made.write(folder, windows, clicks=[("abc", clicks)], rejects=rejects, manifest=totals)
    place = tables.relative_to(tmp_path)
    # Equal tables have one digest, from whatever side they are looked at.
    assert compare(tables, same / place) == compare(same / place, tables)
    with pytest.raises(Different, match="not those of the reference: clicks: "):
        compare(tables, other / place)
    with pytest.raises(Different, match=r"the reference counted .*'lines': 12"):
        compare(tables, short / place)
