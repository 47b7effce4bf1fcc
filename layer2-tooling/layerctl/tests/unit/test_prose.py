"""Markdown cannot drift from the code unnoticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerctl import prose
from layerctl.errors import LayerctlError

CODE = "x = 1\n# region: two\ny = 2\n# endregion\n"
PAGE = "Before\n<!-- include: code.py two -->\n<!-- end -->\nAfter\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(prose, "ROOT", tmp_path)
    (tmp_path / "code.py").write_text(CODE)
    (tmp_path / "page.md").write_text(PAGE)
    return tmp_path


def test_a_listing_is_copied_from_the_code(root: Path) -> None:
    page = root / "page.md"
    assert prose.write([page], capture=False) == [page]
    assert page.read_text() == PAGE.replace("-->\n<!-- end", "-->\n```python\ny = 2\n```\n<!-- end")
    assert prose.stale([page]) == []
    assert prose.write([page], capture=False) == []


def test_changed_code_is_noticed(root: Path) -> None:
    page = root / "page.md"
    prose.write([page], capture=False)
    (root / "code.py").write_text(CODE.replace("2", "3"))
    assert prose.stale([page]) == ["page.md: a listing differs from the code. Next: make docs"]


@pytest.mark.parametrize("code", ["", CODE + CODE])
def test_a_region_must_stand_once(root: Path, code: str) -> None:
    (root / "code.py").write_text(code)
    with pytest.raises(LayerctlError, match="want 1"):
        prose.stale([root / "page.md"])


def test_output_is_captured_from_a_real_run(root: Path) -> None:
    page = root / "page.md"
    page.write_text("<!-- captured: echo $((6 * 7)) lines -->\n<!-- end -->\n")
    assert "nothing captured of echo" in prose.stale([page])[0]
    prose.write([page], capture=True)
    assert "```console\n$ echo $((6 * 7)) lines\n42 lines\n```\n" in page.read_text()
    assert prose.stale([page]) == []


def test_a_failing_command_is_not_captured(root: Path) -> None:
    page = root / "page.md"
    page.write_text("<!-- captured: exit 3 -->\n<!-- end -->\n")
    with pytest.raises(LayerctlError, match="exit code 3"):
        prose.write([page], capture=True)


def test_figures_may_differ_and_words_may_not() -> None:
    assert prose.shape("5,000 lines   12.5 s") == prose.shape("4,999 lines 7 s")
    assert prose.shape("5,000 lines") != prose.shape("5,000 files")


def test_commands_are_those_behind_a_prompt_in_console_blocks(root: Path) -> None:
    page = root / "page.md"
    page.write_text("$ not this\n```console\n$ make\noutput\n$ make test\n```\n")
    assert prose.commands(page) == ["make", "make test"]
