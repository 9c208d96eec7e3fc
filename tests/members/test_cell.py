"""A point is snapped once, and the square gives no more away."""

from hypothesis import given
from hypothesis import strategies as st

from community.members.models import Cell

lats = st.floats(-90, 90)
lons = st.floats(-180, 180)


@given(lats, lons)
def test_it_snaps_a_centre_to_itself(lat: float, lon: float) -> None:
    cell = Cell.around(lat, lon)
    assert Cell.around(cell.lat, cell.lon) == cell


@given(st.floats(-80, 80), lons)
def test_it_stays_within_the_square(lat: float, lon: float) -> None:
    assert Cell.around(lat, lon).km_to(Cell(lat, lon)) < 8
