"""Which to choose: a table made of what was observed, and of nothing else."""

from __future__ import annotations

from timers.story import EXPOSURE_LIMIT, Observed

COLUMNS = ("", "systemd timer", "cron", "at")
WIDTHS = (26, 30, 30, 24)
DELAY_S = 300  # RandomizedDelaySec=


def together(count: int) -> str:
    """How many ran at the same time, in words."""
    return "one at a time" if count == 1 else f"{count} at the same time"


def made_up(yes: bool) -> str:
    """Whether a run that was due while the host was down came later."""
    return "made up after the boot" if yes else "lost"


def survived(ended: int) -> str:
    """What became of a job that takes three times its memory."""
    return "ran on: no limit" if ended else "killed"


def may(mail: str, who: str) -> str:
    """What a job said of its own confinement."""
    return "all of its account" if f"{who}-confined-0 has run" in mail else "less than its account"


def rows(seen: Observed) -> list[tuple[str, str, str, str]]:
    """The table's rows, without its head."""
    failure, made = seen.failure, seen.made
    overlap = (
        together(seen.overlap.together),
        f"{together(seen.seen.bare.together)}; flock: {seen.seen.locked.together}",
        together(seen.seen.at.together),
    )
    mailed = "mailed" if "this one fails" in seen.seen.mail else "nowhere"
    at_mailed = "mailed" if "at has run" in seen.seen.mail else "nowhere"
    journal = "journal of the unit" if "accepted" in seen.journal else "nowhere"
    hungry = "ran on: no limit" if seen.hungry == "success" else "killed at its limit"
    limits = survived(seen.seen.cron_ate.ended), survived(seen.seen.at_ate.ended)
    tries = f"{failure.attempts} attempts, then a metric"
    score = f"{seen.exposure:.1f} ({seen.bare_exposure:.1f} without)"
    cron_may, at_may = (may(seen.seen.mail, who) for who in ("cron", "at"))
    return [
        ("due again while it runs", *overlap),
        ("host down when it was due", made_up(made.timer), made_up(made.cron), made_up(made.at)),
        ("the same, not Persistent", made_up(made.forgetful), "", ""),
        ("more memory than it may", hungry, *limits),
        ("what it prints", journal, mailed, at_mailed),
        ("it fails", tries, f"{mailed}, if it prints", f"{at_mailed}, if it prints"),
        ("what it may do (0 to 10)", score, cron_may, at_may),
    ]


def unlimited(limits: dict[str, str]) -> list[str]:
    """Limits that systemd does not have for the unit."""
    return [name for name, value in limits.items() if not value.isdigit()]


def table(seen: Observed) -> str:
    """The table, aligned for a terminal."""
    lines = [COLUMNS, *rows(seen)]
    return "\n".join(
        "".join(f"{cell:<{width}}" for cell, width in zip(line, WIDTHS, strict=True)).rstrip()
        for line in lines
    )


def problems(seen: Observed) -> list[str]:
    """What does not hold of what this deliverable claims; empty when all of it does."""
    lines, made, failure = seen.by_timer["lines"], seen.made, seen.failure
    claims = {
        "no line is lost over a rotation": lines == seen.written == seen.by_timer["accepted"],
        "the user's timer counts the same": seen.by_user["lines"] == seen.written,
        "the hardened unit's exposure is small": seen.exposure <= EXPOSURE_LIMIT,
        "without hardening it is not": seen.bare_exposure > EXPOSURE_LIMIT,
        "two runs at once count each line once": seen.by_cron["lines"] == seen.sent_first,
        "the unit has its limits": unlimited(seen.limits) == [],
        "its delay is the host's own": 0 <= seen.delays[0] == seen.delays[1] <= DELAY_S,
        "systemd never runs it twice at once": seen.overlap.together == 1,
        "cron does": seen.seen.bare.together == 2,
        "flock prevents that": (seen.seen.locked.together, seen.seen.locked.ended) == (1, 1),
        "the missed run is made up": made.timer and made.at,
        "cron and a forgetful timer lose it": not made.cron and not made.forgetful,
        "a job above its memory is killed": seen.hungry in ("signal", "oom-kill"),
        "a failing job is tried three times": failure.attempts == 3,
        "and raises the metric": failure.metric_failed == 3,
        "which a run that works lowers": failure.metric_repaired == 0,
    }
    return [claim for claim, holds in claims.items() if not holds]
