"""What the machine knows and says: vectors of texts, and who might meet whom, with reasons."""

from matching.models.circle import FoundCircle, FoundMember
from matching.models.followed import Followed
from matching.models.gap import Gap
from matching.models.learned import Learned
from matching.models.outcome import Outcome
from matching.models.passage import Passage
from matching.models.placement import Placement, PlacementSide
from matching.models.round import CONSENT, Entry, Fixed, Pair, Round, RoundState, Side
from matching.models.suggestion import UNDER_WAY, Reason, Suggestion, SuggestionQuerySet
from matching.models.unanswered import Unanswered
from matching.models.vector import Vector

__all__ = [
    "CONSENT",
    "UNDER_WAY",
    "Entry",
    "Fixed",
    "Followed",
    "FoundCircle",
    "FoundMember",
    "Gap",
    "Learned",
    "Outcome",
    "Pair",
    "Passage",
    "Placement",
    "PlacementSide",
    "Reason",
    "Round",
    "RoundState",
    "Side",
    "Suggestion",
    "SuggestionQuerySet",
    "Unanswered",
    "Vector",
]
