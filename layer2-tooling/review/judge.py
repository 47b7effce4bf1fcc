"""What of a change is refused, by rules that stand in ``policy.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from layerctl.errors import UsageError
from review.changes import Change
from review.licences import permitted

POLICY = Path(__file__).with_name("policy.toml")
KEYS = {"package", "version", "rule", "reason"}


@dataclass(frozen=True, slots=True)
class Policy:
    """The house's rules.

    Args:
        accepted: reason by package, version (empty: any) and rule.
    """

    licences: tuple[str, ...]
    accepted: dict[tuple[str, str, str], str]

    def reason(self, change: Change, rule: str) -> str:
        """Why a refused change is taken all the same; empty when it is not."""
        versions = ("", *change.after)
        reasons = [self.accepted.get((change.package, v, rule), "") for v in versions]
        return next(filter(None, reasons), "")


def load(path: Path = POLICY) -> Policy:
    """Read the policy.

    Raises:
        UsageError: it is not TOML, or an exception lacks a reason.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        rows = data.get("accept", [])
        if wrong := [row for row in rows if set(row) != KEYS or not row["reason"].strip()]:
            raise ValueError(f"want {', '.join(sorted(KEYS))} in {wrong[0]}")
        accepted = {(r["package"], r["version"], r["rule"]): r["reason"] for r in rows}
        return Policy(tuple(data["licences"]), accepted)
    except (OSError, KeyError, ValueError) as error:
        raise UsageError(f"{path}: {error}", f"git diff {path.name}") from error


def broken(
    change: Change, licences: dict[str, str], vulnerable: dict[str, list[str]], policy: Policy
) -> dict[str, str]:
    """The rules that a change breaks, and how."""
    if change.kind == "removed":
        return {}
    found = {}
    if change.kind == "downgrade":
        found["downgrade"] = f"older than {change.before[-1]}"
    if change.kind == "hashes":
        found["hashes"] = "other files under the same version"
    licence = licences.get(change.package, "")
    if change.kind != "hashes" and not permitted(licence, policy.licences):
        found["licence"] = f"licence {licence}" if licence else "licence unknown"
    if ids := vulnerable.get(change.package):
        found["vulnerability"] = f"known vulnerable: {', '.join(ids)}"
    return found


def judge(
    change: Change, licences: dict[str, str], vulnerable: dict[str, list[str]], policy: Policy
) -> tuple[bool, str]:
    """Whether a change is taken, and the sentence that says so."""
    taken, said = True, []
    for rule, how in broken(change, licences, vulnerable, policy).items():
        reason = policy.reason(change, rule)
        taken = taken and bool(reason)
        said.append(f"{how}; accepted: {reason}" if reason else f"refused: {how}")
    return taken, "; ".join(said) or "taken"
