"""A plot with what makes it readable without eyes for it: a sentence and a table."""

from __future__ import annotations

from dataclasses import dataclass

from .theme import NARROW, WIDE, Chart, svg


@dataclass(frozen=True, slots=True)
class Figure:
    """A titled plot, drawn for a wide and a narrow screen, or a sentence why there is none."""

    title: str
    text: str
    wide: str = ""
    narrow: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def drawn(chart: Chart, height: int) -> tuple[str, str]:
    """The chart twice, for a wide and a narrow screen: scaled down, its text would be too small."""
    return svg(chart, width=WIDE, height=height), svg(chart, width=NARROW, height=height)
