"""Where the tries of a page stand on a map of squares, and in which years: numbers for a drawing and for its table."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings

from community.library.models.rollup import Tally
from community.members.models.cell import KM_PER_DEGREE

WIDTH, EDGE = 340, 34  # of the drawing, in its own units: about those of a phone's screen
TALLEST, SMALLEST, LARGEST = 300, 26, 56  # of the map without its edge, and of a square
BAR, BARS_HIGH, MOST_YEARS = 34, 110, 20


@dataclass
class Spot(Tally):
    """The tries in one square: its letter, the names that people gave it, and where it stands in the drawing."""

    letters: str = ""
    places: list[str] = field(default_factory=list)
    x: int = 0
    y: int = 0


@dataclass
class TriesMap:
    """All squares with tries, the fullest first. Only centres of squares go in, so nothing finer can come out."""

    spots: list[Spot]
    width: int
    height: int
    side: int
    without: int  # tries that nobody put on the map

    @property
    def half(self) -> int:
        """Half a side, with which the drawing puts a square around its middle."""
        return self.side // 2

    @classmethod
    def of(cls, rows: Iterable[tuple[float | None, float | None, str, str]]) -> "TriesMap":
        """Draw rows of latitude, longitude, place and outcome."""
        found: dict[tuple[float, float], Spot] = {}
        without = 0
        for lat, lon, place, outcome in rows:
            if lat is None or lon is None:
                without += 1
                continue
            spot = found.setdefault((lat, lon), Spot())
            spot.add(outcome)
            if place and place not in spot.places:
                spot.places.append(place)
        height, side = place_on_paper(found)
        spots = sorted(found.values(), key=lambda spot: (-spot.total, spot.y, spot.x))
        for number, spot in enumerate(spots):
            spot.letters = letters(number)
            spot.places.sort()
        return cls(spots, WIDTH, height, side, without)


def place_on_paper(found: dict[tuple[float, float], Spot]) -> tuple[int, int]:
    """Give each square its place, north up and with true proportions; returns the height and the side of a square."""
    if not found:
        return 0, SMALLEST
    lats, lons = [lat for lat, _lon in found], [lon for _lat, lon in found]
    north, west = max(lats), min(lons)
    narrow = math.cos(math.radians((north + min(lats)) / 2))
    wide, tall = (max(lons) - west) * narrow, north - min(lats)
    scale = min((WIDTH - 2 * EDGE) / wide if wide else math.inf, TALLEST / tall if tall else math.inf)
    square = settings.GRID_KM / KM_PER_DEGREE
    scale = min(scale, LARGEST / square)  # neighbours do not fill the whole drawing
    left = (WIDTH - wide * scale) / 2
    for (lat, lon), spot in found.items():
        spot.x, spot.y = round(left + (lon - west) * narrow * scale), round(EDGE + (north - lat) * scale)
    return round(tall * scale) + 2 * EDGE, max(SMALLEST, round(square * scale))


def letters(number: int) -> str:
    """A, B … Z, AA, AB …"""
    before, last = divmod(number, 26)
    return (letters(before - 1) if before else "") + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[last]


@dataclass
class Part:
    """One outcome of one year, as a part of a bar."""

    outcome: str
    number: int
    y: int
    height: int

    @property
    def middle(self) -> int:
        """Where its number is written."""
        return self.y + self.height // 2 + 4


@dataclass
class Year(Tally):
    """The tries of one year, as a bar."""

    label: str = ""
    x: int = 0
    parts: list[Part] = field(default_factory=list)

    @property
    def middle(self) -> int:
        """The middle of the bar."""
        return self.x + BAR // 2

    @property
    def top(self) -> int:
        """Where the number of all its tries is written."""
        return min((part.y for part in self.parts), default=BARS_HIGH) - 5


@dataclass
class TriesByYear:
    """A bar for each year in which somebody tried it; far years are taken together."""

    years: list[Year]
    width: int
    bar: int = BAR
    foot: int = BARS_HIGH + 20
    height: int = BARS_HIGH + 48

    @classmethod
    def of(cls, rows: Iterable[tuple[int, str]]) -> "TriesByYear":
        """Draw rows of year and outcome."""
        found: dict[int, Year] = {}
        for year, outcome in rows:
            found.setdefault(year, Year(label=str(year))).add(outcome)
        years = [found[year] for year in sorted(found)]
        if len(years) > MOST_YEARS:
            years = [together(years[: 1 - MOST_YEARS]), *years[1 - MOST_YEARS :]]
        most = max((year.total for year in years), default=0)
        for number, bar in enumerate(years):
            bar.x = 8 + number * (BAR + 12)
            bar.parts = bar_of(bar, most)
        return cls(years, max(WIDTH, 16 + len(years) * (BAR + 12)))


def together(years: list[Year]) -> Year:
    """Several years as one."""
    one = Year(label=f"–{years[-1].label}")
    for year in years:
        for outcome in ("worked", "partly", "failed"):
            one.add(outcome, getattr(year, outcome))
    return one


def bar_of(year: Year, most: int) -> list[Part]:
    """The parts of one bar from the ground up; the fullest year is as tall as the drawing."""
    parts, ground = [], BARS_HIGH + 20
    for outcome in ("worked", "partly", "failed"):
        if number := getattr(year, outcome):
            height = max(1, round(number * BARS_HIGH / most))
            ground -= height
            parts.append(Part(outcome, number, ground, height))
    return parts
