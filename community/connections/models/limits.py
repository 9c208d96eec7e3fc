"""How much one person asks and is asked, and how many a mentor takes on: looked at where it is taken, under a lock."""

from datetime import timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models.settings import ConnectionSettings
from community.connections.models.stepping import Stepping
from community.connections.models.steps import STEPS, WAITING, ConnectionState
from community.members.models import Member, Profile
from community.notices.models import Notice, NoticeKind
from community.topics.models import Season

WEEK = timedelta(days=7)


class Full(ValidationError):
    """There is no place with this mentor just now; one can wait for it."""


class Limited(Stepping):
    """A connection that asks no more of anybody than they can give."""

    ASKED_A_DAY: ClassVar[int] = 3  # by one person of one person: each question is a mail

    class Meta:
        abstract = True

    # Asking. The two people are locked.

    @classmethod
    def _require_limits(cls, asker: Member, asked: Member, mentor: Member | None, skill_key: str) -> None:
        """Refuse a question that is one too many for either of the two, and say what to do instead."""
        numbers = ConnectionSettings.now()
        if cls.questions_of(asker) >= numbers.open_requests:
            raise ValidationError(
                _("You have %(n)s questions waiting. Wait for an answer, or withdraw one.")
                % {"n": numbers.open_requests}
            )
        lately = cls.objects.filter(asked=asked, created_at__gt=timezone.now() - timedelta(days=1))
        if lately.filter(asker=asker).count() >= cls.ASKED_A_DAY:
            raise ValidationError(_("You have asked this person several times today. Try again tomorrow."))
        if mentor is not None:
            learner = asker if mentor.pk == asked.pk else asked
            if cls.pairs_for(learner, skill_key).exists():
                raise ValidationError(_("Somebody teaches this already. Close that first, or name something else."))
            if mentor.pk == asked.pk and (why := cls.why_no_place(mentor, asker)):
                raise Full(why)
        is_kept = mentor is not None and mentor.pk == asked.pk and cls.keeps_place(mentor, asker)
        if not is_kept and cls.asked_lately(asked) >= cls.week_of(asked):
            raise ValidationError(_("This person has as many questions as they can read this week. Ask next week."))

    @classmethod
    def questions_of(cls, asker: Member) -> int:
        """How many questions of this person wait for an answer."""
        return int(cls.objects.filter(asker=asker, state=ConnectionState.PROPOSED).count())

    @classmethod
    def asked_lately(cls, asked: Member) -> int:
        """How many new questions this person got in seven days, whatever became of them."""
        asked_of = cls.objects.filter(asked=asked, created_at__gt=timezone.now() - WEEK)
        return int(asked_of.exclude(state=ConnectionState.INTRODUCED).count())

    @staticmethod
    def week_of(asked: Member) -> int:
        """How many new questions may reach this person in seven days: their own number where it is the smaller."""
        most = ConnectionSettings.now().weekly_requests
        own = Profile.objects.values_list("weekly_requests", flat=True).get(member=asked)
        return min(most, own or most)

    @classmethod
    def pairs_for(cls, learner: Member, skill_key: str) -> Any:
        """With whom this person learns just this; one at a time, so that nobody teaches past another."""
        if not skill_key:
            return cls.objects.none()
        return cls.objects.accepted().filter(cls.learns(learner), skill_key=skill_key)

    @staticmethod
    def learns(learner: Member) -> Q:
        """Connections in which this person is taught by the other."""
        return (Q(asker=learner) | Q(asked=learner)) & Q(mentor__isnull=False) & ~Q(mentor=learner)

    @classmethod
    def why_no_place(cls, mentor: Member, learner: Member) -> Any:
        """Why this person cannot ask the mentor now, in words that tell nothing of others; empty where they can.

        A place that has come free is first for those who waited for it, in their order.
        """
        if why := cls.why_none_now(mentor):
            return why
        if cls.keeps_place(mentor, learner):
            return ""
        if cls.asked_lately(mentor) >= cls.week_of(mentor):
            return _("This person has as many questions as they can read this week. You can wait for a place.")
        waits = mentor.waited_for  # type: ignore[attr-defined]
        first, offers = waits.queue().first(), waits.open_offers(timezone.now())
        is_behind = first is not None and first.learner_id != learner.pk
        if is_behind or (offers.exists() and cls.free_for_waiting(mentor) <= 0):
            return _("Others wait for a place with this person already. You can wait, too.")
        return ""

    @classmethod
    def why_none_now(cls, mentor: Member) -> Any:
        """Why this mentor takes on nobody at all just now, in words; empty where they might."""
        profile = Profile.objects.get(member=mentor)
        if profile.is_paused or not in_season(profile):
            return _("This person takes nobody on just now. You can wait for a place.")
        if cls.rooms_left(mentor) <= 0:
            return _("All places with this person are taken just now. You can wait for one.")
        return ""

    @classmethod
    def keeps_place(cls, mentor: Member, learner: Member) -> bool:
        """Whether a place with this mentor is kept for this learner just now: it was counted when it was offered."""
        return bool(mentor.waited_for.open_offers(timezone.now()).filter(learner=learner).exists())  # type: ignore[attr-defined]

    # Saying yes. The two people are locked.

    def _require_room(self, by: Member) -> None:
        """Look whether the mentor has room, and the learner nobody yet, so that two yeses do not both take the last."""
        if self.mentor_id is None:
            return
        mentor = Member.objects.select_related("profile").get(pk=self.mentor_id)
        is_own = self.side_of(by) == mentor
        if type(self).rooms_left(mentor) <= 0:
            if is_own:
                raise ValidationError(
                    _("All your places are taken. Raise “people at a time” in your profile, then say yes.")
                )
            raise ValidationError(_("All places with this person are taken just now. Nothing is lost: say yes later."))
        if mentor.profile.is_paused or not in_season(mentor.profile):
            if is_own:
                raise ValidationError(
                    _("Your profile says that you take nobody on now. Change pause or seasons there, then say yes.")
                )
            raise ValidationError(_("This person takes nobody on just now. Nothing is lost: say yes later."))
        if self.learner and type(self).pairs_for(self.learner, self.skill_key).exists():  # type: ignore[attr-defined]
            raise ValidationError(_("This has been settled with somebody else in the meantime."))

    @classmethod
    def rooms_left(cls, mentor: Member) -> int:
        """How many more people the mentor takes on."""
        capacity = Profile.objects.values_list("capacity", flat=True).get(member=mentor)
        return int(capacity - cls.objects.accepted().filter(mentor=mentor).count())

    @classmethod
    def free_for_waiting(cls, mentor: Member) -> int:
        """How many places can be offered: those that are free, without those that somebody asks for or is offered."""
        asked = cls.objects.filter(mentor=mentor, state=ConnectionState.PROPOSED).count()
        offers = mentor.waited_for.open_offers(timezone.now()).count()  # type: ignore[attr-defined]
        return int(cls.rooms_left(mentor) - asked - offers)

    def _overtake_others(self) -> int:
        """The first yes closes the learner's other questions for the same skill, with a kind word to everybody.

        Whoever acts on one of those locks the learner first, as this yes has: so no other step comes between.
        """
        learner, key = self.learner, self.skill_key  # type: ignore[attr-defined]
        if learner is None or not key:
            return 0
        others = type(self).objects.filter(self.learns(learner), skill_key=key, state__in=WAITING).exclude(pk=self.pk)
        rows = list(others.select_for_update(of=("self",)).order_by("pk"))
        for row in rows:
            row._move(STEPS["overtake"], None)
            other = row.other(learner)
            if other is not None and type(self).objects.visible_to(other).filter(pk=row.pk).exists():
                Notice.send(other, NoticeKind.CONNECTION_OVERTAKEN, row.get_absolute_url(), actor=learner)
        if rows:
            Notice.send(learner, NoticeKind.CONNECTION_SETTLED, self.get_absolute_url(), actor=self.mentor)  # type: ignore[attr-defined]
        return len(rows)


def in_season(profile: Profile) -> bool:
    """Whether somebody who has time in some seasons only has time today."""
    if not profile.seasons:
        return True
    known = Season.objects.filter(slug__in=profile.seasons).values_list("months", flat=True)
    month = timezone.localdate().month
    return not known or any(month in months for months in known)
