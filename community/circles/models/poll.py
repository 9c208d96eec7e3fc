"""A circle asks itself something: a few answers to choose from, until a day."""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.circles.models.circle import Circle
from community.circles.models.membership import Membership
from community.circles.models.minutes import Inside, InsideQuerySet
from community.members.models import Member
from community.notices.models import NoticeKind


class PollQuerySet(InsideQuerySet):
    """Which polls somebody sees."""

    def open(self) -> "PollQuerySet":
        """In which one can still answer."""
        return self.filter(closed_at=None, closes_on__gte=timezone.localdate(), circle__ended_at=None)


class Poll(Inside):
    """A question to a circle, with its answers to choose from."""

    title = models.CharField(_("what do you want to know?"), max_length=160)
    is_many = models.BooleanField(_("more than one answer can be chosen"), default=False)
    is_anonymous = models.BooleanField(
        _("nobody sees who chose what"), default=False,
        help_text=_("Then the answers are shown only after the last day, and only if three or more have answered."),
    )  # fmt: skip
    shows_at_once = models.BooleanField(
        _("show the answers while they come in"), default=False,
        help_text=_("Otherwise they are shown after the last day, so that nobody follows the first."),
    )  # fmt: skip
    closes_on = models.DateField(_("last day"))
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = PollQuerySet.as_manager()

    FEWEST, MOST = 2, 10  # answers
    MOST_OPEN: ClassVar[int] = 10  # polls in one circle
    LONGEST: ClassVar[timedelta] = timedelta(days=120)
    FEWEST_SHOWN: ClassVar[int] = 3  # of an anonymous poll

    class Meta:
        verbose_name = _("poll")
        verbose_name_plural = _("polls")
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Where it stands."""
        return reverse("circles:poll", args=[self.circle.slug, self.pk])

    def clean(self) -> None:
        """A question in words, and a last day that is near enough."""
        today = timezone.localdate()
        if not any(letter.isalpha() for letter in self.title):
            raise ValidationError({"title": _("Write it in words.")})
        if self.closes_on and not today <= self.closes_on <= today + self.LONGEST:
            raise ValidationError({"closes_on": _("Choose a day from today on, within four months.")})
        if self.is_anonymous and self.shows_at_once:
            raise ValidationError({
                "shows_at_once": _("Whoever watches the answers come in learns who chose what. Choose one of both.")
            })  # fmt: skip

    # Mutators

    @classmethod
    @transaction.atomic
    def put(cls, circle: Circle, by: Member, answers: list[str], **words: Any) -> "Poll":
        """Ask the circle something; everybody in it hears of it."""
        Circle.objects.select_for_update(of=("self",)).get(pk=circle.pk)
        circle.require_inside(by)
        poll = cls(circle=circle, writer=by, **words)
        poll.title = " ".join(poll.title.split())
        poll.full_clean()
        texts = list(dict.fromkeys(text for answer in answers if (text := " ".join(answer.split()))))
        if not cls.FEWEST <= len(texts) <= cls.MOST or any(len(text) > 160 for text in texts):
            raise ValidationError({"answers": _("Give 2 to 10 different answers, one on each line, each short.")})
        if cls.objects.filter(circle=circle).open().count() >= cls.MOST_OPEN:
            raise ValidationError(_("Many polls are open already. Wait for one of them to end."))
        poll.save()
        Choice.objects.bulk_create([Choice(poll=poll, text=text, position=n) for n, text in enumerate(texts)])
        circle.stir()
        poll.tell_others(NoticeKind.CIRCLE_POLL, by, poll.get_absolute_url())
        return poll

    @transaction.atomic
    def vote(self, by: Member, keys: list[int]) -> None:
        """Answer. Where names are shown, one can change it until the last day; where they are not, nobody could."""
        row = Poll.objects.select_for_update(of=("self",)).get(pk=self.pk)
        self.circle.require_inside(by)
        if not row.is_open:
            raise ValidationError(_("This poll has ended. Nothing can be changed any more."))
        ballot = Ballot.objects.filter(poll=self, member=by).first()
        if ballot is not None and row.is_anonymous:
            return  # which answer it was, nobody can say any more
        chosen = list(Choice.objects.filter(poll=self, pk__in=keys))
        if not chosen or (len(chosen) > 1 and not row.is_many):
            raise ValidationError(_("Choose one answer.") if not row.is_many else _("Choose one answer or more."))
        ballot = ballot or Ballot.objects.create(poll=self, member=by)
        if row.is_anonymous:
            Choice.objects.filter(pk__in=[one.pk for one in chosen]).update(votes=F("votes") + 1)
        else:
            ballot.choices.set(chosen)
        self.circle.stir()

    @transaction.atomic
    def close(self, by: Member) -> None:
        """Whoever asked, or leads the circle, ends it before its day. Twice does it once."""
        if not Poll.objects.editable_by(by).filter(pk=self.pk).exists():
            raise ValidationError(_("Only whoever asked, or leads the circle, can end this."))
        Poll.objects.filter(pk=self.pk, closed_at=None).update(closed_at=timezone.now())
        self.refresh_from_db()

    # Queries

    @property
    def is_open(self) -> bool:
        """Whether one can still answer."""
        return self.closed_at is None and self.closes_on >= timezone.localdate() and self.circle.is_going

    @property
    def are_answers_shown(self) -> bool:
        """Whether it is time to show what was chosen."""
        return not self.is_open or (self.shows_at_once and not self.is_anonymous)

    def results(self, viewer: Member) -> "list[Choice] | None":
        """Each answer with how many chose it, and who; None while it is not time, or too few have answered.

        Whom a block keeps away from this viewer is not counted, where names are shown.
        """
        if not self.are_answers_shown:
            return None
        choices = list(self.choices.order_by("position"))  # type: ignore[attr-defined]
        if self.is_anonymous:
            return choices if self.ballots.count() >= self.FEWEST_SHOWN else None  # type: ignore[attr-defined]
        inside = Membership.objects.visible_to(viewer).inside().filter(circle=self.circle_id)
        names = dict(inside.values_list("member", "member__name"))
        given = Ballot.choices.through.objects.filter(ballot__poll=self).values_list("choice", "ballot__member")
        for choice in choices:
            choice.names = sorted(names[who] for pk, who in given if pk == choice.pk and who in names)
            choice.votes = len(choice.names)
        return choices


class Choice(models.Model):
    """One answer of a poll; `votes` counts only where nobody sees who chose what."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="choices")
    text = models.CharField(max_length=160)
    position = models.PositiveSmallIntegerField()
    votes = models.PositiveIntegerField(default=0)

    names: list[str] = []  # set for each reader anew
    wagtail_reference_index_ignore = True

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]

    def __str__(self) -> str:
        return self.text


class Ballot(models.Model):
    """That somebody has answered a poll; what, only where names are shown."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="ballots")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    choices = models.ManyToManyField(Choice, related_name="ballots")

    wagtail_reference_index_ignore = True

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["poll", "member"], name="one_ballot_a_poll"),
        ]

    def __str__(self) -> str:
        return f"ballot of {self.member_id}"
