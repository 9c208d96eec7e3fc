"""A few people who meet again and again over the same work."""

from community.circles.models.circle import Cadence, Circle, CircleKind
from community.circles.models.joining import CircleDoor
from community.circles.models.keeping import kept_by_circles, let_out, own_page
from community.circles.models.membership import Membership, Standing
from community.circles.models.minutes import Action, Minutes, name_writers
from community.circles.models.poll import Ballot, Choice, Poll

__all__ = [
    "Action",
    "Ballot",
    "Cadence",
    "Choice",
    "Circle",
    "CircleDoor",
    "CircleKind",
    "Membership",
    "Minutes",
    "Poll",
    "Standing",
    "kept_by_circles",
    "let_out",
    "name_writers",
    "own_page",
]
