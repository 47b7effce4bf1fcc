"""One run from logs to a new version of the tables; Spark starts only if lines must be read."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hop_etl import commit, layout, manifest, staging
from hop_etl.errors import LostLines, NoData, UsageError
from hop_etl.inputs import Input, inspect
from hop_etl.plan import Plan, plan, readers_of, stale_hours
from slokit.sli import THRESHOLD_MS, WINDOW_S

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pyspark.sql import DataFrame, SparkSession

Sessions = Callable[[], "AbstractContextManager[SparkSession]"]
HOUR_S = 3600
# Half of where Java's good compiler begins to pay (1,000,000 lines); a gzip counts as it lies.
QUICK_BYTES = 150_000_000


@dataclass(frozen=True, slots=True)
class Result:
    """What a run leaves: the version, its manifest, and whether it changed anything."""

    version: Path
    manifest: dict[str, Any]
    changed: bool
    spark_started: bool


def run(
    logs: Sequence[str],
    tables: Path,
    *,
    window_s: int = WINDOW_S,
    threshold_ms: float = THRESHOLD_MS,
    sessions: Sessions | None = None,
) -> Result:
    """Bring the tables up to date with the logs.

    Args:
        logs: plain or gzip access logs, all that the tables shall hold.
        tables: the link to the current version.
        window_s: length of an SLI window in seconds; divides an hour.
        threshold_ms: the slowest that is not slow, in milliseconds.
        sessions: where a Spark session comes from, for tests and notebooks.

    Raises:
        InputError: a log cannot be read; NoData: none has a line.
        ChangedInput: a log changed under the reader; Busy: another run is writing.
    """
    if window_s < 1 or HOUR_S % window_s:
        raise UsageError(f"a window of {window_s} s does not divide an hour")
    with commit.writing(tables) as workspace:
        task = _Run(logs, tables, workspace, window_s=window_s, threshold_ms=threshold_ms)
        size = sum(one.size for one in task.inputs)
        return task.run(sessions or (lambda: _spark(quick=size < QUICK_BYTES)))


def _spark(*, quick: bool) -> "AbstractContextManager[SparkSession]":
    from hop_etl.spark import running

    return running(quick=quick)


class _Run:
    """The state of one run, from inspection to publication."""

    def __init__(
        self, logs: Sequence[str], tables: Path, work: Path, *, window_s: int, threshold_ms: float
    ) -> None:
        self.started, self.clock = datetime.now(UTC), time.monotonic()
        self.tables, self.work, self.next = tables, work, work / "next"
        self.rules: dict[str, Any] = {"window_s": window_s, "threshold_ms": threshold_ms}
        self.recipe = manifest.recipe(**self.rules)
        self.before = commit.current(tables)
        recipe, entries = manifest.load(self.before) if self.before else ("", [])
        self.old = entries if recipe == self.recipe else []
        known = {entry.identity: entry.lines for entry in self.old}
        self.inputs: list[Input] = inspect(logs, known)
        if not sum(one.lines for one in self.inputs):
            raise NoData("the logs hold no line", hint="name other logs, or send traffic first")
        self.plan: Plan = plan(self.inputs, self.old)
        self.facts: list[DataFrame] = []

    def run(self, sessions: Sessions) -> Result:
        if self.plan.unchanged and self.before is not None:
            found = manifest.read(self.before)
            return Result(self.before, found, changed=False, spark_started=False)
        layout.prepare(self.next)
        spark_started = bool(self.plan.to_read)
        with ExitStack() as stack:
            spark = stack.enter_context(sessions()) if spark_started else None
            if spark is not None:
                self._read(spark, self.plan.to_read)
                self._check()
            stale = stale_hours(self.plan.entries, self.old)
            if stale and spark is None:
                # An input is gone: hours it shared with others are made from those again.
                spark, spark_started = stack.enter_context(sessions()), True
            if stale and spark is not None:
                self._rebuild(spark, stale)
        return self._publish(stale, spark_started=spark_started)

    def _read(self, spark: "SparkSession", numbers: list[int]) -> None:
        from hop_etl import job

        step = len(self.facts)
        chosen = [(number, self.inputs[number]) for number in numbers]
        paths = staging.stage(self.work / f"logs{step}", chosen)
        own = {path for path, (_, one) in zip(paths, chosen, strict=True) if one.own}
        logs = job.Logs([*own], [path for path in paths if path not in own])
        with job.configured(spark):
            place = self.work / f"facts{step}"
            self.facts.append(job.write_facts(spark, logs, place, **self.rules))
            if not step:
                job.fill(self.plan.entries, self.facts[0])
        staging.check_unchanged(one for _, one in chosen)

    def _check(self) -> None:
        for entry in self.plan.entries:
            if entry.lines != entry.accepted + entry.rejected:
                raise LostLines(
                    f"{entry.file}: {entry.lines} lines, but {entry.accepted} accepted and "
                    f"{entry.rejected} rejected; nothing was changed"
                )

    def _rebuild(self, spark: "SparkSession", stale: set[int]) -> None:
        from hop_etl import job, transforms

        also = readers_of(stale, self.plan.entries, self.plan.to_read)
        if also:
            self._read(spark, also)
        every = stale == manifest.totals(self.plan.entries).keys()
        with job.configured(spark):
            facts = job.of_hours(self.facts, stale, every=every)
            for name, table, order in (
                ("sli", transforms.sli(facts, **self.rules), ("window_start", "route")),
                ("clicks", transforms.clicks(facts), ("slug",)),
            ):
                parts = self.work / f"{name}.parts"
                job.write_hours(table, parts, *order)
                layout.take_parts(parts, self.next / name)

    def _publish(self, stale: set[int], *, spark_started: bool) -> Result:
        hours = manifest.totals(self.plan.entries).keys()
        if self.before is not None:
            layout.link_hours(self.before, self.next, hours - stale)
        layout.write_rejects(self.next, self.plan.entries)
        layout.write_clicks_jsonl(self.next)
        found = manifest.dump(
            self.next,
            self.plan.entries,
            **self.rules,
            recipe=self.recipe,
            hours=len(hours),
            hours_written=len(stale),
            sli_rows=layout.count_rows(self.next, "sli"),
            clicks_rows=layout.count_rows(self.next, "clicks"),
            started=self.started.isoformat(timespec="seconds").replace("+00:00", "Z"),
            seconds=round(time.monotonic() - self.clock, 3),
            spark_started=spark_started,
        )
        version = commit.publish(self.next, self.tables)
        return Result(version, found, changed=True, spark_started=spark_started)
