"""A certificate of what one of two people taught or learned: what it says, and the paper itself."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Min, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from community.connections.models.connection import Connection
from community.connections.models.steps import TEACHING
from community.topics.models.typeset import typeset


@dataclass(frozen=True)
class Certificate:
    """What both have confirmed by their last words: who, what, when, how long. No word of theirs but the skill."""

    name: str  # whose it is
    teaches: bool
    skill: str
    other: str  # with whom; empty where they would rather not be named
    minutes: int
    meetings: int
    first: date
    last: date

    @classmethod
    def why_not(cls, connection: Connection) -> str:
        """Why there is none; empty where there is one."""
        if not (connection.kind in TEACHING and connection.is_over and connection.has_begun):
            return str(_("There is a certificate when two of whom one teaches have come to an end."))
        if not connection.meetings.held().exists():
            return str(_("You have noted no meeting, so there is nothing to certify."))
        if connection.closings.count() < 2:
            return str(_("There is a certificate once both of you have said your last words."))
        return ""

    @classmethod
    def of(cls, connection: Connection, viewer: Any) -> "Certificate":
        """The one of this reader, or of the person for whom they act. Raises ValidationError where there is none."""
        own = connection.side_of(viewer)
        if own is None or (why := cls.why_not(connection)):
            raise ValidationError(why or _("This is not for you to do."))
        counted = {"minutes": Sum("minutes"), "meetings": Count("pk"), "first": Min("held_on"), "last": Max("held_on")}
        met = connection.meetings.held().order_by().aggregate(**counted)
        teaches, other = connection.mentor_id == own.pk, cls.named(connection, viewer)
        return cls(name=own.name, teaches=teaches, skill=connection.skill, other=other, **met)

    @staticmethod
    def named(connection: Connection, viewer: Any) -> str:
        """The other, only with their yes; nobody under 18 is named, and to somebody under 18 the first name alone."""
        own, other = connection.side_of(viewer), connection.other(viewer)
        if own is None or other is None or not other.is_adult:
            return ""
        if not connection.closings.filter(writer=other, is_named=True).exists():
            return ""
        return str(other.name if own.is_adult else other.name.split()[0])

    # On paper

    @property
    def sentence(self) -> str:
        """What it says, in a sentence."""
        said = {"name": self.name, "skill": self.skill}
        if self.teaches:
            text = _("%(name)s has passed on: %(skill)s") if self.skill else _("%(name)s has passed on a craft")
        else:
            text = _("%(name)s has learned: %(skill)s") if self.skill else _("%(name)s has learned a craft")
        return str(text % said)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What else it says, line by line."""
        days = {"first": date_format(self.first, "j F Y"), "last": date_format(self.last, "j F Y")}
        when = _("%(first)s to %(last)s") % days if self.first != self.last else days["first"]
        time = {"hours": self.minutes // 60, "minutes": self.minutes % 60, "meetings": self.meetings}
        together = ngettext(
            "%(hours)s h %(minutes)s min in %(meetings)s meeting, as the two have noted",
            "%(hours)s h %(minutes)s min in %(meetings)s meetings, as the two have noted", self.meetings,
        ) % time  # fmt: skip
        lines = [
            (_("Learner") if self.teaches else _("Taught by"), self.other),
            (_("When"), when),
            (_("Time together"), together),
        ]
        return [(str(term), str(value)) for term, value in lines if value]

    def as_pdf(self, community: str) -> bytes:
        """The paper, marked for reading aloud; words go to the typesetter as data. Raises ValidationError."""
        today = {"day": date_format(timezone.localdate(), "j F Y")}
        data = {
            "title": _("Certificate"), "lang": (get_language() or "en").partition("-")[0], "sentence": self.sentence,
            "facts": self.facts, "community": community,
            "printed": _("Printed on %(day)s from what the two wrote down here. It is no examination.") % today,
        }  # fmt: skip
        return typeset("connections/certificate.html", "certificate.typ", data)
