"""The notebook, executed in its container, shows its plots; Jupyter wants its token."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from layerctl.errors import LayerctlError
from stack.compose import Stack
from stack.web import ask

NAME = "clicks.ipynb"
PLOT = "image/svg+xml"
FORBIDDEN = (302, 403)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def execute(stack: Stack) -> tuple[int, Path]:
    """Run the notebook on the tables that are there; how many plots it shows, and the page.

    Raises:
        LayerctlError: a cell failed.
    """
    convert = [
        "jupyter",
        "nbconvert",
        "--execute",
        "--log-level=ERROR",
        "--stdout",
        f"/notebooks/{NAME}",
    ]
    done = stack.execute("notebook", *convert, "--to=notebook")
    if done.returncode:
        raise LayerctlError(f"{NAME}: {last(done.stderr)}")
    run = stack.home / NAME
    run.write_text(done.stdout, "utf-8")
    # The page is made from the run above, so what is counted is what is shown.
    page = stack.call(
        *("exec", "-T", "notebook", "jupyter", "nbconvert", "--to=html", "--log-level=ERROR"),
        *("--HTMLExporter.mathjax_url=", "--HTMLExporter.require_js_url=", "--stdin", "--stdout"),
        given=done.stdout,
    )
    if page.returncode:
        raise LayerctlError(f"{NAME} as a page: {last(page.stderr)}")
    place = stack.home / "clicks.html"
    place.write_text(page.stdout, "utf-8")
    return plots(json.loads(done.stdout)), place


def plots(notebook: dict[str, Any]) -> int:
    """Outputs that are pictures."""
    outputs = (out for cell in notebook["cells"] for out in cell.get("outputs", []))
    return sum("<path" in "".join(out.get("data", {}).get(PLOT, "")) for out in outputs)


def guarded(stack: Stack) -> None:
    """Jupyter answers its token and nothing else.

    Raises:
        LayerctlError: a wrong token gets in, or the right one does not.
    """
    address = f"{stack.url('JUPYTER_PORT')}/api/kernels"
    for token, wanted in (
        ("", FORBIDDEN),
        ("wrong", FORBIDDEN),
        (stack.secret("jupyter_token"), (200,)),
    ):
        headers = {"Authorization": f"token {token}"} if token else {}
        status = ask(address, headers=headers).status
        if status not in wanted:
            raise LayerctlError(f"Jupyter answered {status}, wanted one of {wanted}")


def last(text: str) -> str:
    """The last line that says something, without Jupyter's colours."""
    lines = COLOUR.sub("", text).splitlines()
    return next((line for line in reversed(lines) if line.strip()), "no word")
