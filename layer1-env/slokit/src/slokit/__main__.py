"""``python -m slokit``."""

from .cli import run

run()
