"""Keep Markdown true: listings come from the code, captured output from a real run.

Two kinds of region, both ended by ``<!-- end -->``::

    <!-- include: PATH REGION -->     the lines between ``# region: REGION`` and ``# endregion``
    <!-- captured: COMMAND -->        what the command printed; figures may differ, words may not
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from layerctl.errors import LayerctlError
from layerctl.paths import ROOT

REGION = re.compile(r"<!-- (include|captured): (.+?) -->\n(.*?)<!-- end -->", re.DOTALL)
COMMAND = re.compile(r"^\$ (.+)$", re.MULTILINE)
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LANGUAGE = {".py": "python", ".bash": "bash", ".sh": "bash", ".sql": "sql", ".yaml": "yaml"}
# What differs from run to run: figures, with their sign, and the spaces that line them up.
FIGURE = re.compile(r"-?\d[\d.,:]*")


def markdown() -> list[Path]:
    """Every Markdown file that git knows."""
    command = ["git", "ls-files", "-z", "-co", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in sorted(filter(None, listed.split("\0")))]


def region(path: str, name: str) -> str:
    """A named region of a file, as a fenced block.

    Raises:
        LayerctlError: no such file, or the region is not there exactly once.
    """
    file = ROOT / path
    if not file.is_file():
        raise LayerctlError(f"include of {path}: no such file")
    pattern = rf"^[ \t]*# region: {re.escape(name)}\n(.*?)^[ \t]*# endregion"
    found = re.findall(pattern, file.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    if len(found) != 1:
        raise LayerctlError(f"include of {path}: region {name} stands {len(found)} times, want 1")
    return f"```{LANGUAGE.get(file.suffix, 'text')}\n{found[0].strip(chr(10))}\n```\n"


def shape(text: str) -> str:
    """``text`` without its figures, for comparing one run with another."""
    lines = (FIGURE.sub("N", line).split() for line in text.strip().splitlines())
    return "\n".join(" ".join(words) for words in lines)


def commands(path: Path) -> list[str]:
    """The commands in a file's ``console`` blocks, without their prompts."""
    blocks = BLOCK.findall(path.read_text("utf-8"))
    return [command for block in blocks for command in COMMAND.findall(block)]


def render(text: str, captured: Callable[[str], str | None]) -> str:
    """``text`` with its regions filled; ``captured`` gives a command's output, or None to keep."""

    def fill(match: re.Match[str]) -> str:
        kind, what, old = match.groups()
        if kind == "include":
            path, _, name = what.rpartition(" ")
            body: str | None = region(path, name)
        else:
            output = captured(what)
            body = None if output is None else f"```console\n$ {what}\n{output.rstrip()}\n```\n"
        return f"<!-- {kind}: {what} -->\n{old if body is None else body}<!-- end -->"

    return REGION.sub(fill, text)


def run(command: str) -> str:
    """A command's standard output, from the checkout.

    Raises:
        LayerctlError: it failed.
    """
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LayerctlError(f"{command} failed with exit code {done.returncode}:\n{done.stderr}")
    # The checkout's place is nobody's business but its owner's.
    return done.stdout.replace(f"{ROOT}/", "")


def write(paths: Iterable[Path], *, capture: bool) -> list[Path]:
    """Fill the regions of these files; with ``capture`` by running the commands, each once."""
    outputs: dict[str, str] = {}

    def captured(command: str) -> str | None:
        if capture and command not in outputs:
            outputs[command] = run(command)
        return outputs.get(command)

    changed = []
    for path in paths:
        old = path.read_text("utf-8")
        new = render(old, captured)
        if new != old:
            path.write_text(new, "utf-8")
            changed.append(path)
    return changed


def stale(paths: Iterable[Path]) -> list[str]:
    """Files whose included listings differ from the code, or whose captures are empty."""
    found = []
    for path in paths:
        text = path.read_text("utf-8")
        if render(text, lambda _: None) != text:
            found.append(
                f"{path.relative_to(ROOT)}: a listing differs from the code. Next: make docs"
            )
        empty = [
            what
            for kind, what, body in REGION.findall(text)
            if kind == "captured" and not body.strip()
        ]
        found += [
            f"{path.relative_to(ROOT)}: nothing captured of {what}. Next: make docs CAPTURE=1"
            for what in empty
        ]
    return found
