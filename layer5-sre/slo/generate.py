#!/usr/bin/env python3
"""Write objectives.json, the twin of hop.yaml for readers without YAML.

Usage:
    generate.py            write objectives.json
    generate.py --check    change nothing; exit 1 when it differs from hop.yaml

Exit codes: 0 ok, 1 bad SLO file or drift, 2 usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from derive import objectives
from reading import SloError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    folder = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="Write objectives.json from hop.yaml.")
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 on drift")
    parser.add_argument("--slo", type=Path, default=folder / "hop.yaml", metavar="FILE")
    parser.add_argument("--out", type=Path, default=folder / "objectives.json", metavar="FILE")
    args = parser.parse_args(argv)
    try:
        wanted = json.dumps(objectives(args.slo), indent=2) + "\n"
    except SloError as error:
        print(f"{args.slo}: {error}", file=sys.stderr)
        return 1
    if not args.check:
        args.out.write_text(wanted, "utf-8")
        return 0
    if not args.out.is_file() or args.out.read_text("utf-8") != wanted:
        print(f"{args.out} differs from {args.slo}; run generate.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
