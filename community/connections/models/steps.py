"""The way of a connection: every state, and every step out of one, with who takes it."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class ConnectionKind(models.TextChoices):
    """What the two want of each other."""

    MENTORSHIP = "mentorship", _("Learning from a mentor")
    APPRENTICESHIP = "apprenticeship", _("Learning a trade in its place of work")
    COLLABORATION = "collaboration", _("Working together")
    PEER = "peer", _("Meeting as peers")
    GUEST_TEACHING = "guest_teaching", _("Teaching as a guest")


class ConnectionState(models.TextChoices):
    """How far the two have come."""

    INTRODUCED = "introduced", _("Brought together")
    PROPOSED = "proposed", _("Waits for an answer")
    POSTPONED = "postponed", _("Not now")
    ACCEPTED = "accepted", _("Both said yes")
    AGREED = "agreed", _("Agreement signed")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Run out")
    OVERTAKEN = "overtaken", _("Found with somebody else")
    ENDED = "ended", _("Closed")
    RELEASED = "released", _("Released")


class Turn(models.TextChoices):
    """Who takes a step."""

    ASKER = "asker", _("whoever asked")
    ASKED = "asked", _("whoever was asked")
    EITHER = "either", _("either of the two")
    CLOCK = "clock", _("the clock, or what happened elsewhere")


class DeclineReason(models.TextChoices):
    """Why it is a no: none of these is about the person who asked."""

    ROOM = "room", _("I have no room for one more person")
    TIME = "time", _("I have no time this season")
    SKILL = "skill", _("Somebody else knows more about this")
    FAR = "far", _("We are too far apart for it")
    OTHER = "other", _("Another reason, in the words below")


class ClosingReason(models.TextChoices):
    """Why it comes to its end."""

    REACHED = "reached", _("We have reached what we wanted")
    TIME = "time", _("The time that we agreed on is over")
    LIFE = "life", _("Work, season or family came between")
    FIT = "fit", _("It did not fit, and that is nobody's fault")
    QUIET = "quiet", _("I have not heard from the other for long")
    OTHER = "other", _("Another reason, in the words below")


K, S = ConnectionKind, ConnectionState
TEACHING = frozenset({K.MENTORSHIP, K.APPRENTICESHIP})  # one of the two teaches, and has room for so many
WAITING = frozenset({S.PROPOSED, S.POSTPONED})  # asked, and not answered for good
UNDER_WAY = frozenset({S.ACCEPTED, S.AGREED})  # both said yes, and it has not ended
STANDING = WAITING | UNDER_WAY | {S.INTRODUCED}
OVER = frozenset(S) - STANDING


@dataclass(frozen=True)
class Step:
    """One step: whose it is, from where, and where it leads."""

    turn: Turn
    since: frozenset[ConnectionState]
    to: ConnectionState


STEPS: dict[str, Step] = {
    "propose": Step(Turn.EITHER, frozenset({S.INTRODUCED}), S.PROPOSED),
    "let_go": Step(Turn.EITHER, frozenset({S.INTRODUCED}), S.WITHDRAWN),
    "accept": Step(Turn.ASKED, frozenset({S.PROPOSED}), S.ACCEPTED),
    "decline": Step(Turn.ASKED, frozenset({S.PROPOSED}), S.DECLINED),
    "postpone": Step(Turn.ASKED, frozenset({S.PROPOSED}), S.POSTPONED),
    "ask_again": Step(Turn.EITHER, frozenset({S.POSTPONED}), S.PROPOSED),
    "withdraw": Step(Turn.ASKER, WAITING, S.WITHDRAWN),
    "lapse": Step(Turn.CLOCK, WAITING | {S.INTRODUCED}, S.LAPSED),
    "overtake": Step(Turn.CLOCK, WAITING, S.OVERTAKEN),
    "agree": Step(Turn.EITHER, frozenset({S.ACCEPTED}), S.AGREED),
    "end": Step(Turn.EITHER, UNDER_WAY, S.ENDED),
    "release": Step(Turn.CLOCK, UNDER_WAY, S.RELEASED),
    "part": Step(Turn.CLOCK, STANDING, S.ENDED),
}
