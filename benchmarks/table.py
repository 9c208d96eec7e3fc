"""What was measured, as rows of one table."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, beside a peer's where there is one, and what it must reach.

    Attributes:
        part: which part of the benchmark it comes from.
        name: what was measured; numbers that a reader needs to judge it (how many, which size) stand in it.
        measured: the median, in `unit`.
        unit: `ms`, `queries`, `/s` …; empty for plain numbers.
        peer: the same figure of the peer, measured in the same run unless `peer_name` says otherwise.
        is_more_better: for rates and qualities; False for times and counts.
        most, least: what `measured` must keep to.
        least_ratio: how many times better than the peer it must be.
    """

    part: str
    name: str
    measured: float
    unit: str = ""
    peer: float | None = None
    peer_name: str = ""
    is_more_better: bool = False
    most: float | None = None
    least: float | None = None
    least_ratio: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer: above 1 is better, whichever way the figure counts."""
        above, below = (self.measured, self.peer) if self.is_more_better else (self.peer, self.measured)
        return above / below if above is not None and below else None

    @property
    def is_ok(self) -> bool | None:
        """Whether every budget is kept; None where there is none."""
        kept = []
        if self.most is not None:
            kept.append(self.measured <= self.most)
        if self.least is not None:
            kept.append(self.measured >= self.least)
        if self.least_ratio is not None:
            kept.append(self.ratio is not None and self.ratio >= self.least_ratio)
        return all(kept) if kept else None

    @property
    def budget(self) -> str:
        """What it must reach, in words."""
        bounds = [("≤ ", self.most, ""), ("≥ ", self.least, ""), ("≥ ", self.least_ratio, " × peer")]
        return ", ".join(f"{sign}{bound:g}{of}" for sign, bound, of in bounds if bound is not None)

    def as_json(self) -> dict[str, Any]:
        """Everything, with what is derived."""
        return asdict(self) | {"ratio": self.ratio, "is_ok": self.is_ok}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Row":
        """The row again; what is derived is derived anew."""
        return cls(**{field.name: data[field.name] for field in fields(cls)})


HEAD = ("what", "measured", "peer", "ratio", "budget (must)", "ok?")


def aligned(rows: Iterable[Row]) -> str:
    """The rows as one text table, with a line above each part."""
    cells: list[tuple[str, ...]] = [HEAD]
    part = ""
    for row in rows:
        if row.part != part:
            part = row.part
            cells.append((f"-- {part}", "", "", "", "", ""))
        cells.append(_cells(row))
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    return "\n".join(_line(line, widths) for line in cells)


def _cells(row: Row) -> tuple[str, ...]:
    peer = "" if row.peer is None else f"{number(row.peer)} {row.peer_name}".rstrip()
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    ok = {True: "yes", False: "NO", None: ""}[row.is_ok]
    return (row.name, f"{number(row.measured)} {row.unit}".rstrip(), peer, ratio, row.budget, ok)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, measured, *rest = cells
    padded = [name.ljust(widths[0]), measured.rjust(widths[1])]
    padded += [cell.ljust(width) for cell, width in zip(rest, widths[2:], strict=True)]
    return "  ".join(padded).rstrip()


def number(value: float) -> str:
    """Three digits that matter, and never fewer than there are before the point."""
    if value and (abs(value) < 0.001 or (0.999 < abs(value) < 1)):
        return f"{value:.5f}"
    return f"{value:.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.3g}"
