import json
import os
from datetime import UTC, datetime

import pytest

from hop.errors import ClickFileError
from hop.services import clicks

ROW = {"hour": "2026-11-23T10:00:00Z", "slug": "abc", "clicks": 3, "clients": 2}
AS_OF = datetime(2026, 11, 23, 11, 5, tzinfo=UTC)


def written(folder, *rows):
    path = folder / "clicks.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_rows_are_read(tmp_path):
    found = clicks.read(written(tmp_path, ROW), as_of=AS_OF)
    assert found.rows == [{**ROW, "hour": datetime(2026, 11, 23, 10, tzinfo=UTC)}]
    assert found.as_of == AS_OF


def test_as_of_comes_from_the_lines_then_the_manifest_then_the_file(tmp_path):
    path = written(tmp_path, ROW)
    os.utime(path, (0, 86400))
    assert clicks.read(path).as_of == datetime(1970, 1, 2, tzinfo=UTC)
    (tmp_path / "manifest.json").write_text('{"last": "2026-11-23T10:59:59.123Z"}')
    assert clicks.read(path).as_of == datetime(2026, 11, 23, 10, 59, 59, 123000, UTC)
    path = written(tmp_path, {"as_of": "2026-11-23T11:00:00Z"}, {**ROW, "as_of": AS_OF.isoformat()})
    assert clicks.read(path).as_of == AS_OF
    assert len(clicks.read(path).rows) == 1


@pytest.mark.parametrize("text", ["rubbish", "[]", '{"last": null}', '{"last": "soon"}'])
def test_a_manifest_that_says_nothing_is_passed_over(tmp_path, text):
    path = written(tmp_path, ROW)
    os.utime(path, (0, 86400))
    (tmp_path / "manifest.json").write_text(text)
    assert clicks.read(path).as_of == datetime(1970, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"slug": 7},
        {"slug": "a/b"},
        {"clicks": -1},
        {"clicks": 1.5},
        {"clicks": True},
        {"clients": 2**63},
        {"clicks": None},
        {"hour": "2026-11-23T10:30:00Z"},
        {"hour": "2026-11-23T10:00:00"},
        {"hour": "soon"},
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_loaded(tmp_path, wrong):
    path = written(tmp_path, ROW, {**ROW, **wrong} if wrong else {})
    with pytest.raises(ClickFileError, match="line 2"):
        clicks.read(path)


@pytest.mark.parametrize("text", [b"[1]\n", b"{\n", b"1\n"])
def test_a_line_that_is_no_object(tmp_path, text):
    (tmp_path / "f").write_bytes(text)
    with pytest.raises(ClickFileError, match="line 1"):
        clicks.read(tmp_path / "f")


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(ClickFileError, match="No such file"):
        clicks.read(tmp_path / "none")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ClickFileError, match="UTF-8"):
        clicks.read(tmp_path / "binary")
