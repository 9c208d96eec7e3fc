"""Who might meet as a circle: the worker looks for people who offer and look for the same things."""

from community.circles.models import Circle
from matching import refresh
from matching.engine import clusters
from matching.engine.encode import Encodes
from matching.models import FoundCircle


def find(by: Encodes | None = None) -> int:
    """Look among everybody who is open; what nobody was told of yet is found anew. Returns how many are new."""
    found = clusters.clusters(refresh.everybody(by), Circle.SMALLEST, Circle.LARGEST)
    return FoundCircle.replace([(one.words, [int(key) for key in one.ids]) for one in found])
