"""Execute the notebook with a project's kernel, and keep it as a page with its plots."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from traitlets.config import Config

from workshop import kernels, traffic
from workshop.paths import JUPYTER, ROOT, RUN

NOTEBOOK = ROOT / "layer2-tooling/workshop/notebooks/access-log.ipynb"
OUT = RUN / "report/access-log.html"


def execute(log: Path, out: Path, *, kernel: str) -> dict[str, int]:
    """Execute the notebook on a log and write the page; how many cells, plots and bytes.

    Raises:
        CellExecutionError: a cell failed.
    """
    os.environ["JUPYTER_PATH"] = str(JUPYTER)
    os.environ["HOP_LOG"] = str(log)
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    over_files = Config(KernelManager={"transport": "ipc"})
    NotebookClient(
        notebook, config=over_files, kernel_name=kernel, timeout=120, startup_timeout=90
    ).execute()
    page, _ = HTMLExporter().from_notebook_node(notebook)  # type: ignore[no-untyped-call]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, "utf-8")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    plots = sum("image/png" in o.get("data", {}) for cell in code for o in cell.outputs)
    return {"cells": len(code), "plots": plots, "bytes": len(page)}


def main(argv: Sequence[str] | None = None) -> int:
    """``python -m workshop.report``. Exit codes: 0 written, 1 failed, 69 hop is not set up."""
    parser = argparse.ArgumentParser(prog="report", description=__doc__)
    parser.add_argument("--requests", type=int, default=400, help="how many are sent to hop (400)")
    parser.add_argument("--log", type=Path, help="an access log of yours; no traffic is sent")
    parser.add_argument("--out", type=Path, default=OUT, help="the page (.run/report)")
    args = parser.parse_args(argv)
    kernels.register()
    with tempfile.TemporaryDirectory() as folder:
        try:
            log = args.log or traffic.access_log(Path(folder), requests=args.requests)
            found = execute(log.resolve(), args.out, kernel=kernels.name_of("slokit"))
        except traffic.TrafficError as error:
            print(f"report: {error}", file=sys.stderr)
            return 69
        except CellExecutionError as error:
            print(f"report: {error}", file=sys.stderr)
            return 1
    print(f"{args.out}: {found['cells']} cells, {found['plots']} plots")
    return 0


if __name__ == "__main__":
    sys.exit(main())
