"""The way of an application: every state, and every step out of one, with who takes it."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApplicationState(models.TextChoices):
    """Where an application stands."""

    DRAFT = "draft", _("Not sent yet")
    SUBMITTED = "submitted", _("Sent")
    SHORTLISTED = "shortlisted", _("On the short list")
    INTERVIEW = "interview", _("Invited to talk")
    OFFERED = "offered", _("The place is offered")
    ACCEPTED = "accepted", _("Agreed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    UNSUCCESSFUL = "unsuccessful", _("Not this time")
    EXPIRED = "expired", _("Run out")


class Turn(models.TextChoices):
    """Who takes a step."""

    APPLICANT = "applicant", _("the applicant")
    POSTER = "poster", _("the person who offers the place")
    CLOCK = "clock", _("the clock")


S = ApplicationState
FOR_POSTER = frozenset({S.SUBMITTED, S.SHORTLISTED, S.INTERVIEW})  # they wait for an answer of the poster
OPEN = FOR_POSTER | {S.OFFERED}  # under way
STANDING = OPEN | {S.DRAFT, S.ACCEPTED}  # one of these a member and opening
ENDED = frozenset(S) - STANDING | {S.ACCEPTED}
UNSEEN = frozenset({S.DRAFT, S.WITHDRAWN})  # of these the poster reads nothing


@dataclass(frozen=True)
class Step:
    """One step: whose it is, from where, and where it leads."""

    turn: Turn
    since: frozenset[ApplicationState]
    to: ApplicationState


STEPS: dict[str, Step] = {
    "submit": Step(Turn.APPLICANT, frozenset({S.DRAFT}), S.SUBMITTED),
    "shortlist": Step(Turn.POSTER, frozenset({S.SUBMITTED}), S.SHORTLISTED),
    "interview": Step(Turn.POSTER, frozenset({S.SUBMITTED, S.SHORTLISTED}), S.INTERVIEW),
    "offer": Step(Turn.POSTER, FOR_POSTER, S.OFFERED),
    "decline": Step(Turn.POSTER, OPEN, S.UNSUCCESSFUL),
    "accept": Step(Turn.APPLICANT, frozenset({S.OFFERED}), S.ACCEPTED),
    "withdraw": Step(Turn.APPLICANT, OPEN | {S.DRAFT}, S.WITHDRAWN),
    "expire": Step(Turn.CLOCK, OPEN, S.EXPIRED),
}
