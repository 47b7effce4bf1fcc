import gzip
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from slokit.errors import LogReadError
from slokit.formats import MAX_LINE_OCTETS
from slokit.read import lines


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", [b"a", b"\xef\xbb\xbfb"]),
        (b"a\n\nb", [b"a", b"", b"b"]),
        (b"a\rb\r\nc\x0bd\n", [b"a\rb\r", b"c\x0bd"]),
        ("a\u2028b\x85c\n".encode(), ["a\u2028b\x85c".encode()]),
    ],
)
def test_a_line_ends_at_a_newline_only(
    tmp_path: Path, content: bytes, expected: list[bytes]
) -> None:
    path = tmp_path / "log"
    path.write_bytes(content)
    assert list(lines(path)) == expected


def test_a_line_too_long_is_cut_and_the_next_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    most = MAX_LINE_OCTETS
    for length in (most, most + 1, most + 2, 2 * most + 2, 3 * most + 3):
        path.write_bytes(b"x" * length + b"\nnext\n" + b"y" * length)
        cut = min(length, most + 1)
        assert list(lines(path)) == [b"x" * cut, b"next", b"y" * cut]


def test_gzip_is_known_by_its_content_and_read_to_the_last_member(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(gzip.compress(b"a\nb") + gzip.compress(b"c\n") + gzip.compress(b""))
    assert list(lines(path)) == [b"a", b"bc"]
    plain = tmp_path / "not-packed.gz"
    plain.write_bytes(b"a\n")
    assert list(lines(plain)) == [b"a"]


@pytest.mark.parametrize("name", ["_x.log", ".x.log", "a b.log", "köln.log", "-x.log", "x%20y"])
def test_odd_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"a\n")
    assert list(lines(path)) == [b"a"]


@pytest.mark.parametrize("packed", [False, True])
def test_standard_input(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    content = gzip.compress(b"a\nb\n") if packed else b"a\nb\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))
    assert list(lines("-")) == [b"a", b"b"]


@pytest.mark.parametrize("keep", [2, 11, 200, -1, -8])
def test_a_gzip_file_cut_short_is_refused_by_name(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(os.urandom(500).hex().encode() * 3)[:keep])
    with pytest.raises(LogReadError, match=r"cut\.gz: the gzip data is cut short; .*gzip -dc"):
        list(lines(path))


def test_a_damaged_gzip_file_is_refused_by_name(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(b"a\n" * 1000))
    whole[-6] ^= 1  # in the checksum
    for name, content in (("sum.gz", whole), ("tail.gz", gzip.compress(b"a\n") + b"tail")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(LogReadError, match=f"{name}: damaged gzip data .*gzip -t"):
            list(lines(tmp_path / name))


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogReadError, match=r"is a directory; name the logs in it: .*/\*"):
        list(lines(tmp_path))
    with pytest.raises(
        LogReadError, match=r"cannot read .*absent: No such file or directory; look: ls"
    ):
        list(lines(tmp_path / "absent"))
    with pytest.raises(LogReadError, match=r"python.* is no text; look what it is: file "):
        list(lines(os.path.realpath(sys.executable)))
    (tmp_path / "a b.zst").write_bytes(b"\x28\xb5\x2f\xfd1234")
    with pytest.raises(LogReadError, match=r"is packed; unpack it: zstd -dc '.*a b.zst' \| slokit"):
        list(lines(tmp_path / "a b.zst"))


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Root reads everything, so for this long it is nobody."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_file_that_may_not_be_read() -> None:
    # Not below pytest's folder: into that only its owner may look.
    with TemporaryDirectory() as folder:
        path = Path(folder, "log")
        path.write_bytes(b"a line\n")
        Path(folder).chmod(0o755)
        with ordinary_user():
            assert list(lines(path)) == [b"a line"]
        path.chmod(0)
        refused = pytest.raises(LogReadError, match="log: Permission denied; look: ls -ld")
        with ordinary_user(), refused:
            list(lines(path))


def test_a_few_control_bytes_are_no_binary_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"\x16\x03\x01 raw TLS\n" + b"an ordinary line of the log\n" * 5)
    assert len(list(lines(path))) == 6
    path.write_bytes(b"\x16\x03\x01 raw TLS\n" * 5)
    with pytest.raises(LogReadError, match="is no text"):
        list(lines(path))
    path.write_bytes(b"\0" * 8192 + b"first line after copytruncate\n")
    assert len(list(lines(path))) == 1


def test_these_tests_notice_a_line_split_at_a_carriage_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    from slokit import read

    monkeypatch.setattr(read, "_split", lambda stream: iter(stream.read().splitlines()))
    with pytest.raises(AssertionError):
        test_a_line_ends_at_a_newline_only(tmp_path, b"a\rb\n", [b"a\rb"])
