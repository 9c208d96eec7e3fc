"""What somebody has passed on, or learned: hours and skills, counted from what the two wrote down and kept nowhere."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Sum

from community.connections.models.closing import Closing, Reached
from community.connections.models.connection import Connection, skill_key
from community.connections.models.meeting import Meeting
from community.connections.models.plan import PlanSkill
from community.connections.models.steps import OVER, TEACHING, UNDER_WAY, ConnectionState
from community.members.models import Member, Statement, StatementSide


@dataclass(frozen=True)
class PassedOn:
    """Hours together, and skills that whoever taught has signed off or one has named as reached. No other person."""

    minutes: int = 0
    skills: tuple[str, ...] = ()

    @property
    def hours(self) -> int:
        """Whole hours: how long to the minute is nobody's business."""
        return self.minutes // 60

    @property
    def is_something(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.hours or self.skills)

    # Of one person

    @classmethod
    def of(cls, member: Member) -> "tuple[PassedOn, PassedOn]":
        """What this person taught, and what they learned, for their own eyes; nothing across a block."""
        return cls._counted(member, cls._pairs(member))

    @classmethod
    def shown_of(cls, who: Member) -> "PassedOn | None":
        """What stands on somebody's page: from what is over, and only where they want it shown.

        Hours with somebody under 18 are not among them. Skills are named in the words of one's own shown offers: what
        two people called it between them stays theirs.
        """
        if not (who.is_adult and who.is_active and who.profile.shows_passed_on):
            return None
        taught = cls._pairs(who).filter(mentor=who, state__in=OVER)
        whole, _learned = cls._counted(who, taught.exclude(asker__is_adult=False).exclude(asked__is_adult=False))
        return whole if whole.is_something else None

    def offered_by(self, who: Member) -> list[str]:
        """Those of the skills that this person offers, for all members to read."""
        keys = {skill_key(text) for text in self.skills}
        lines = Statement.objects.filter(profile__member=who, side=StatementSide.OFFER, visibility="members")
        return [line.text for line in lines.order_by("pk") if skill_key(line.text) in keys] if keys else []

    @staticmethod
    def _pairs(member: Member) -> Any:
        """Where one teaches the other and both said yes, the member being one of them; none that a block has ended."""
        own = Connection.objects.visible_to(member).filter(Q(asker=member) | Q(asked=member))
        left = Q(asker=None) | Q(asked=None)
        begun = Q(state__in=UNDER_WAY) | Q(state=ConnectionState.RELEASED) | ~Q(reason="") | left
        return own.filter(begun, kind__in=TEACHING).exclude(accepted_at=None).order_by()

    @classmethod
    def _counted(cls, member: Member, pairs: Any) -> "tuple[PassedOn, PassedOn]":
        """Both sides at once: three questions to the database, and not six."""
        keys = pairs.values("pk")
        met = Meeting.objects.filter(connection__in=keys).held().order_by().values_list("connection__mentor")
        signed = PlanSkill.objects.passed_on().filter(plan__connection__in=keys).order_by("signed_at", "pk")
        # One's own mark alone: how far the other came in their own eyes is theirs.
        own = Closing.objects.filter(connection__in=keys, writer=member, reached__gte=Reached.MOST)
        named = own.exclude(connection__skill="").values_list("connection__mentor", "connection__skill")
        minutes = list(met.annotate(sum=Sum("minutes")))
        texts = [*signed.values_list("plan__connection__mentor", "text"), *named]

        def side(is_taught: bool) -> PassedOn:
            skills = {skill_key(text): text for who, text in texts if (who == member.pk) == is_taught}
            time = sum(number for who, number in minutes if (who == member.pk) == is_taught)
            return cls(time, tuple(skills.values()))

        return side(True), side(False)
