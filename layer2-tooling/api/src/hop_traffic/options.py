"""The command line of ``hop-traffic``, from words to settings."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from .errors import SettingsError
from .model import Kind
from .run import Run
from .settings import DEFAULT_MIX, Settings
from .target import loopback_url

EXIT_CODES = """exit codes:
  0 done, or equal   1 failed, or different   2 usage   4 empty log   69 client or slokit missing
  75 no hop there, or it injects no faults    77 not a loopback address   130, 143 interrupted"""

# name: (type, help); defaults are those of Settings.
_NUMBERS: Mapping[str, tuple[type[int] | type[float], str]] = {
    "requests": (int, "how many, probes included"),
    "rate": (float, "mean requests a second"),
    "seed": (int, "the same seed sends the same requests"),
    "error_share": (float, "share of user requests that hop is asked to fail with 503"),
    "slow_share": (float, "share that hop is asked to delay"),
    "delay_ms": (int, "the delay, milliseconds"),
    "threshold_ms": (float, "slow is above this, milliseconds"),
    "zipf": (float, "exponent of the popularity of links"),
}


def send_parser() -> argparse.ArgumentParser:
    """The options of a run."""
    parser = argparse.ArgumentParser(
        prog="hop-traffic",
        description="Send seeded traffic to a hop on this machine and write down what was answered."
        " 'hop-traffic check --truth FILE LOG...' compares an access log with it."
        " HOP_TOKEN is sent as bearer token.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add, defaults = parser.add_argument, Settings()
    add("--base-url", required=True, metavar="URL", help="http://127.0.0.1:8000")
    add("--truth", required=True, type=Path, metavar="FILE", help="where the truth goes (JSON)")
    for name, (kind, text) in _NUMBERS.items():
        default = getattr(defaults, name)
        flag = f"--{name.replace('_', '-')}"
        add(flag, type=kind, default=default, metavar="N", help=f"{text} ({default})")
    kinds = ", ".join(Kind)
    add("--mix", action="append", default=[], metavar="KIND=WEIGHT", help=f"one of {kinds}")
    add("--timeout", type=float, default=10.0, metavar="S", help="seconds for one request (10)")
    add("--give-up", type=float, default=5.0, metavar="S", help="stop after S without answers (5)")
    add("--append", action="store_true", help="add to the truth file; needs a new seed")
    add("--strict", action="store_true", help="exit 1 on an unexpected or missing answer")
    add("--json", action="store_true", help="print the truth of this run as JSON")
    return parser


def _mix(words: Sequence[str]) -> dict[Kind, float]:
    mix = dict(DEFAULT_MIX)
    for word in words:
        name, _, weight = word.partition("=")
        try:
            mix[Kind(name)] = float(weight)
        except ValueError:
            raise SettingsError(f"--mix wants KIND=WEIGHT with KIND of {', '.join(Kind)}") from None
    return mix


def check_parser() -> argparse.ArgumentParser:
    """The options of ``check``."""
    parser = argparse.ArgumentParser(
        prog="hop-traffic check", description="Compare access logs (schema v1) with a truth file."
    )
    parser.add_argument("--truth", type=Path, required=True, help="the truth file")
    parser.add_argument("logs", type=Path, nargs="+", metavar="LOG", help="access log, may be .gz")
    return parser


def to_run(args: argparse.Namespace) -> Run:
    """The run that the options ask for.

    Raises:
        SettingsError: one that cannot be run.
        UnsafeTargetError: the address is not this machine.
    """
    for name in ("timeout", "give_up"):
        if not 0 < getattr(args, name) < math.inf:
            raise SettingsError(f"--{name.replace('_', '-')} must be above 0 seconds")
    return Run(
        base_url=loopback_url(args.base_url),
        settings=Settings(**{name: getattr(args, name) for name in _NUMBERS}, mix=_mix(args.mix)),
        truth=args.truth,
        timeout_s=args.timeout,
        give_up_s=args.give_up,
        append=args.append,
    )
