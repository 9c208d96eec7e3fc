"""A few people who meet again and again over the same work."""

from community.circles.models.circle import Cadence, Circle, CircleKind
from community.circles.models.joining import CircleDoor
from community.circles.models.membership import Membership, Standing

__all__ = ["Cadence", "Circle", "CircleDoor", "CircleKind", "Membership", "Standing"]
