"""Tasks for invoke, with typed options; `invoke --list` shows them."""

from __future__ import annotations

import json
import shlex

from invoke.context import Context
from invoke.tasks import task
from workshop import kernels as registry
from workshop import report as pages
from workshop import tools as pinned


@task
def kernels(_: Context) -> None:
    """Register a kernel for each project below .run/."""
    registry.main(["register"])


# region: task
@task(pre=[kernels], help={"requests": "how many are sent to hop", "log": "a log of yours instead"})
def report(_: Context, requests: int = 400, log: str = "") -> None:
    """Execute the notebook into .run/report/access-log.html."""
    given = ["--log", log] if log else []
    raise SystemExit(pages.main(["--requests", str(requests), *given]))


# endregion


@task(help={"json": "for programs"})
def versions(_: Context, json_: bool = False) -> None:
    """Print the versions of the tools that pipx installs."""
    rows = dict(row.split("==") for row in pinned.wanted([]))
    print(json.dumps(rows) if json_ else "\n".join(f"{k:12}{v}" for k, v in rows.items()))


@task(iterable=["path"], help={"path": "may be given again; default: everything"})
def fmt(context: Context, path: list[str]) -> None:
    """Say which Python files Black and ruff would format differently from what they are."""
    where = shlex.join(path or ["."])
    context.run(f"black --line-length 100 --check --quiet {where}", echo=True)
    context.run(f"ruff format --check --quiet {where}", echo=True)
