"""Why somebody is not among one's suggestions, told from one's own data and from what the other shows, and no more.

The other person is looked at as a stranger could see them: without hidden lines, blocks, lists, limits, pauses and
consents. Whatever is decided by those gets the one sentence that everybody gets who only stands further down, so the
answer is the same to the last byte whether they exist or not. Nothing is scored: somebody who leaves the matching has
no vectors any more, and an answer by nearness would tell so.
"""

from enum import StrEnum

from community.members.models import Member
from matching import refresh, roster
from matching.engine import pipeline
from matching.engine.candidates import Refusal
from matching.engine.kinds import KINDS, Direction, MatchKind
from matching.models import Suggestion, Vector


class Answer(StrEnum):
    """What may be said."""

    OFF = "off"
    """The viewer uses no matching, or may not."""
    SHOWN = "shown"
    """They are suggested."""
    DISMISSED = "dismissed"
    """The viewer put them aside."""
    MET = "met"
    """The two have something under way."""
    UNREAD = "unread"
    """What the viewer wrote was not read yet, or there is nothing to read."""
    NOT_WITH = "not_with"
    """They stand on the viewer's own list."""
    FULL = "full"
    """The viewer has no room for one more."""
    LANGUAGE = "language"
    """The two show no language in common."""
    TOO_FAR = "too_far"
    """They live further away than the viewer has set, and show where."""
    OWN_TRADE = "own_trade"
    """They have the viewer's own trade, live near, show it, and the viewer wants nobody such."""
    NOTHING_SHOWN = "nothing_shown"
    """They show nothing of what counts for this kind."""
    FURTHER_DOWN = "further_down"
    """Anything else; nobody learns what."""


TOLD = {
    Refusal.NOT_WITH: Answer.NOT_WITH,
    Refusal.FULL: Answer.FULL,
    Refusal.NO_SHARED_LANGUAGE: Answer.LANGUAGE,
    Refusal.TOO_FAR: Answer.TOO_FAR,
    Refusal.OWN_TRADE: Answer.OWN_TRADE,
}


def answers(viewer: Member, other: Member) -> dict[str, Answer]:
    """Why the other is, or is not, among the viewer's suggestions of each kind."""
    if not viewer.is_adult or not viewer.profile.is_matched:
        return dict.fromkeys(refresh.PAIR_KINDS, Answer.OFF)
    rows = Suggestion.objects.visible_to(viewer).filter(other=other).values_list("kind", "dismissed_at")
    known = {kind: Answer.DISMISSED if dismissed_at else Answer.SHOWN for kind, dismissed_at in rows}
    if other.pk in refresh.acquainted(viewer.pk):
        return dict.fromkeys(refresh.PAIR_KINDS, Answer.MET)
    if not Vector.objects.filter(profile=viewer.profile).exists():
        return {kind: known.get(kind, Answer.UNREAD) for kind in refresh.PAIR_KINDS}
    own, theirs = roster.pair_as_shown(viewer.profile, other.profile)
    return {kind: known.get(kind) or _judge(own, theirs, kind) for kind in refresh.PAIR_KINDS}


def _judge(own: roster.Person, theirs: roster.Person, kind: str) -> Answer:
    """What stands between two people, the other one as they show themselves."""
    if refusal := pipeline.why_not(own, theirs, kind):
        return TOLD.get(refusal, Answer.FURTHER_DOWN)
    return Answer.FURTHER_DOWN if _shows_what_counts(theirs, KINDS[kind]) else Answer.NOTHING_SHOWN


def _shows_what_counts(theirs: roster.Person, kind: MatchKind) -> bool:
    """Whether somebody shows anything that this kind compares; the text about them may stand for either side."""
    offers = [line for line in theirs.offers if line.can_teach or not kind.must_teach]
    counting = {
        Direction.ASKER_NEEDS: offers,
        Direction.CANDIDATE_NEEDS: theirs.needs,
        Direction.SHARED_NEEDS: theirs.needs,
        Direction.BOTH: [*offers, *theirs.needs],
    }
    return bool(counting[kind.direction] or theirs.about)
