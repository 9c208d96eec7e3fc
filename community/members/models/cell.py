"""Places are squares: a point is snapped once, before anything is computed from it."""

import math
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

KM_PER_DEGREE = 111.32
EARTH_KM = 6371.0


@dataclass(frozen=True)
class Cell:
    """The centre of the grid square that somebody lives in; the exact point is never kept."""

    lat: float
    lon: float

    @classmethod
    def around(cls, lat: float, lon: float) -> "Cell":
        """Snap a point (degrees) to the centre of its square of `GRID_KM`; snapping a centre changes nothing.

        Raises ValueError where the point is not on the globe.
        """
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise ValueError(_("Latitude goes from -90 to 90 and longitude from -180 to 180."))
        step = settings.GRID_KM / KM_PER_DEGREE
        row = min(math.floor(lat / step), math.floor(90 / step) - 1)
        centre = (row + 0.5) * step
        # Squares in one row share their width, so that rows tile the globe without gaps.
        columns = max(1, round(360 * math.cos(math.radians(centre)) / step))
        column = math.floor((lon + 180) / 360 * columns) % columns
        return cls(round(centre, 5), round((column + 0.5) / columns * 360 - 180, 5))

    def km_to(self, other: "Cell") -> float:
        """Kilometres between two centres (great circle)."""
        a, b = math.radians(self.lat), math.radians(other.lat)
        h = (
            math.sin((b - a) / 2) ** 2
            + math.cos(a) * math.cos(b) * math.sin(math.radians(other.lon - self.lon) / 2) ** 2
        )
        return 2 * EARTH_KM * math.asin(math.sqrt(h))


def distance_band(km: float | None) -> str:
    """How far away somebody is, in words that give no point away."""
    if km is None:
        return ""
    bands = (
        (10, _("under 10 km")),
        (25, _("10–25 km")),
        (50, _("25–50 km")),
        (100, _("50–100 km")),
    )
    return next((words for limit, words in bands if km < limit), _("more than 100 km"))
