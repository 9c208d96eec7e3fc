"""A circle: what it is for, who may find it, and where it stands."""

import secrets
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from community.circles.models.joining import CircleDoor, JoinedCircle
from community.circles.models.keeping import KeepingCircle
from community.circles.models.membership import KNOWING, Membership, Standing
from community.members.models import LANGUAGES, Block, Cell, Member, Profile, distance_band
from community.questions.models import Question
from community.topics.models import Topic


class CircleKind(models.TextChoices):
    """What a circle comes together for."""

    PEERS = "peers", _("Peer-learning circle")
    ADVISORY = "advisory", _("Advisory board of educators and producers")
    TRIAL = "trial", _("Joint trial")


class Cadence(models.TextChoices):
    """How often it meets."""

    WEEKLY = "weekly", _("Every week")
    FORTNIGHTLY = "fortnightly", _("Every two weeks")
    MONTHLY = "monthly", _("Once a month")
    SEASONAL = "seasonal", _("Once a season")
    FREE = "free", _("When we need it")


class CircleQuerySet(models.QuerySet["Circle"]):
    """Which circles somebody may find, be in, or lead."""

    def of(self, member: Any) -> "CircleQuerySet":
        """Those to which this member belongs: only they see what is inside."""
        if not getattr(member, "is_authenticated", False) or not member.is_adult:
            return self.none()
        return self.filter(Exists(Membership.objects.inside().filter(circle=OuterRef("pk"), member=member)))

    def visible_to(self, member: Any) -> "CircleQuerySet":
        """Adults find what is not closed and not led by somebody between whom and them a block stands.

        Of a closed circle only those know who belong to it, were invited, or asked before it closed.
        """
        if not getattr(member, "is_authenticated", False) or not member.is_adult:
            return self.none()
        own = Membership.objects.filter(circle=OuterRef("pk"), member=member)
        knows = Q(Exists(own.filter(state__in=KNOWING)))
        led = Membership.objects.filter(circle=OuterRef("pk"), is_facilitator=True)
        blocked = Block.objects.filter(blocker=member).values("blocked")
        blockers = Block.objects.filter(blocked=member).values("blocker")
        kept_away = Exists(led.filter(Q(member__in=blocked) | Q(member__in=blockers)))
        found = self.filter(knows | (~Q(door=CircleDoor.CLOSED) & Q(ended_at=None)))
        return found.filter(~kept_away | Q(Exists(own.filter(is_facilitator=True))))

    def editable_by(self, member: Any) -> "CircleQuerySet":
        """Those that this member leads, while they go on."""
        if not getattr(member, "is_authenticated", False) or not member.is_adult:
            return self.none()
        return self.going().filter(Exists(Membership.objects.led().filter(circle=OuterRef("pk"), member=member)))

    def going(self) -> "CircleQuerySet":
        """Not ended."""
        return self.filter(ended_at=None)

    def asleep(self) -> "CircleQuerySet":
        """In which nothing was written down and nothing put for a season."""
        return self.going().filter(stirred_at__lt=timezone.now() - Circle.SLEEPS_AFTER)

    def seen_by_steward(self, steward: Any) -> "CircleQuerySet":
        """Those of which a steward may know that they sleep: never a closed one."""
        if not getattr(steward, "is_steward", False):
            return self.none()
        return self.visible_to(steward).exclude(door=CircleDoor.CLOSED)

    def holding(self, words: str) -> "CircleQuerySet":
        """Those with all these words in what everybody reads of them."""
        found = Q()
        for word in words.split():
            found &= Q(name__icontains=word) | Q(purpose__icontains=word) | Q(place__icontains=word)
        return self.filter(found)

    def with_people(self, viewer: Any) -> "CircleQuerySet":
        """How many belong to each, as this viewer may know: whom a block keeps away is not counted."""
        inside = Membership.objects.inside().unblocked_for(viewer).filter(circle=OuterRef("pk"))
        number = inside.order_by().values("circle").annotate(number=Count("pk")).values("number")
        own = Membership.objects.filter(circle=OuterRef("pk"), member=viewer)
        return self.annotate(people=Coalesce(Subquery(number), 0), standing=Subquery(own.values("state")[:1]))


class Circle(KeepingCircle, JoinedCircle):
    """A few people who meet again and again over the same work, with a room of their own here."""

    name = models.CharField(_("what it is called"), max_length=80)
    slug = models.SlugField(max_length=80, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=CircleKind.choices, default=CircleKind.PEERS)
    purpose = models.TextField(
        _("what it is for"), validators=[MaxLengthValidator(1500)],
        help_text=_("What you want to find out or get better at together, and whom that suits."),
    )  # fmt: skip
    topics = models.ManyToManyField(Topic, verbose_name=_("topics"), blank=True, related_name="+")
    cadence = models.CharField(_("how often"), max_length=11, choices=Cadence.choices, default=Cadence.MONTHLY)
    language = models.CharField(_("language"), max_length=8, choices=list(LANGUAGES.items()), default="en")
    place = models.CharField(
        _("place"), max_length=80, blank=True,
        help_text=_("A village or valley. Leave it empty if you meet at a distance, or here and there."),
    )  # fmt: skip
    cell_lat = models.FloatField(null=True, blank=True, editable=False)
    cell_lon = models.FloatField(null=True, blank=True, editable=False)
    next_on = models.DateField(_("next meeting"), null=True, blank=True)
    agenda = models.TextField(
        _("what comes up then"), blank=True, validators=[MaxLengthValidator(3000)],
        help_text=_("One line for each thing. Everybody in the circle can add to it."),
    )  # fmt: skip
    planned = models.PositiveIntegerField(default=0, editable=False, help_text="How often its entry was changed.")
    planned_at = models.DateTimeField(default=timezone.now, editable=False, help_text="When that was the last time.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    stirred_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = CircleQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    SLEEPS_AFTER: ClassVar[timedelta] = timedelta(days=90)
    MOST_LED: ClassVar[int] = 6  # circles that one member leads at the same time
    # What a new circle of each kind begins with.
    BEGINNINGS: ClassVar[dict[str, tuple[str, Any, Any]]] = {
        CircleKind.PEERS: (
            Cadence.MONTHLY,
            _("For people who do the same work and want to do it better. Each time one of us shows how it went."),
            _("What went wrong since last time\nOne of us shows something\nWho tries what until next time"),
        ),
        CircleKind.ADVISORY: (
            Cadence.SEASONAL,
            _("Producers tell teachers what beginners must be able to do; teachers say what they can teach of it."),
            _("What we decided last time, and what came of it\nWhat producers miss in beginners\nWhat the school can "
              "change\nWho does what, and by when"),
        ),
        CircleKind.TRIAL: (
            Cadence.FORTNIGHTLY,
            _("We try the same thing on several places, measure it in the same way, and tell what came of it."),
            _("What each of us measured\nWhat surprised us\nWhat we change, and what stays the same for all\nWho "
              "writes it up"),
        ),
    }  # fmt: skip

    class Meta:
        verbose_name = _("circle")
        verbose_name_plural = _("circles")
        ordering: ClassVar[list[str]] = ["name", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(taken__lte=F("size")), name="circles_are_never_too_full"),
            models.CheckConstraint(condition=Q(size__gte=3) & Q(size__lte=20), name="circles_are_small"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where it stands."""
        return reverse("circles:circle", args=[self.slug])

    def clean(self) -> None:
        """Words that can be read, and as many places as make a circle."""
        self.name = " ".join(self.name.split())
        wrong: dict[str, Any] = {
            name: _("Write it in words.")
            for name in ("name", "purpose")
            if not any(letter.isalpha() for letter in getattr(self, name))
        }
        if self.size is not None and not self.SMALLEST <= self.size <= self.LARGEST:
            wrong["size"] = _("From %(low)s to %(high)s people.") % {"low": self.SMALLEST, "high": self.LARGEST}
        elif self.size is not None and self.size < self.taken:
            wrong["size"] = _("%(n)s people belong to it already. Choose %(n)s or more.") % {"n": self.taken}
        if wrong:
            raise ValidationError(wrong)

    # Mutators

    @classmethod
    @transaction.atomic
    def found(cls, by: Member, *, topics: Any = (), **words: Any) -> "Circle":
        """Begin a circle; whoever does so leads it and is the first in it."""
        Member.objects.select_for_update(no_key=True).get(pk=by.pk)
        if not by.is_adult or not by.is_active:
            raise ValidationError(_("Circles are for people who are 18 or older."))
        if cls.objects.editable_by(by).count() >= cls.MOST_LED:
            raise ValidationError(_("You lead %(n)s circles. Hand one on before you begin another.") % {
                "n": cls.MOST_LED
            })  # fmt: skip
        circle = cls(**words)
        cls._require_ahead(circle.next_on)
        circle.slug = cls.free_slug(circle.name, is_secret=circle.door == CircleDoor.CLOSED)
        circle._settle()
        circle.full_clean(exclude=["group"])
        # Its name says nothing: editors choose from all groups, and nobody but its members knows of a closed circle.
        circle.group = Group.objects.create(name=f"circle-{secrets.token_hex(8)}")
        circle.save()
        circle.topics.set(topics)
        marks = {"state": Standing.IN, "is_facilitator": True, "joined_at": timezone.now()}
        Membership.objects.create(circle=circle, member=by, **marks)
        cls.objects.filter(pk=circle.pk).update(taken=F("taken") + 1)
        circle.group.user_set.add(by)
        circle.refresh_from_db()
        return circle

    @staticmethod
    def _require_ahead(day: Any) -> None:
        if day is not None and day < timezone.localdate():
            raise ValidationError({"next_on": _("Choose today or a day that is still to come.")})

    @transaction.atomic
    def revise(self, by: Member, *, topics: Any = None, **words: Any) -> None:
        """Whoever leads it says anew what it is."""
        row = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        self._require_leader(by)
        before = row.entry
        for name, value in words.items():
            setattr(row, name, value)
        row._settle()
        row.full_clean(exclude=["group"])
        row.save(update_fields=[*words, "cell_lat", "cell_lon", *row._count_change(before)])
        if topics is not None:
            row.topics.set(topics)
        self.refresh_from_db()

    @transaction.atomic
    def plan(self, by: Member, next_on: Any, agenda: str) -> None:
        """Anybody in the circle says when it meets next, and what comes up then."""
        self.require_inside(by)
        row = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if next_on != row.next_on:
            self._require_ahead(next_on)
        before = row.entry
        row.next_on, row.agenda = next_on, agenda.strip()
        row.full_clean(exclude=["group"])
        row.save(update_fields=["next_on", "agenda", *row._count_change(before)])
        self.refresh_from_db()

    def _count_change(self, before: tuple[Any, ...]) -> list[str]:
        """Calendars learn by a number and a time that the entry which they have is an old one; the fields to save."""
        if self.entry == before:
            return []
        self.planned, self.planned_at = self.planned + 1, timezone.now()
        return ["planned", "planned_at"]

    @transaction.atomic
    def ask_inside(self, by: Member, title: str, text: str = "", key: Any = None) -> Question:
        """Ask something that only those who belong to the circle read, and answer."""
        self.require_inside(by)
        question = Question.ask(by, None, title, text, key, group=self.group)
        self.stir()
        return question

    def stir(self) -> None:
        """Something happened in it."""
        type(self).objects.filter(pk=self.pk).update(stirred_at=timezone.now())

    def require_inside(self, by: Member) -> None:
        """Only who belongs to a circle that goes on writes in it."""
        if not type(self).objects.of(by).going().filter(pk=self.pk).exists():
            raise ValidationError(_("Only those who belong to the circle can do this, while it goes on."))

    def _settle(self) -> None:
        """The square of the place, where two or more people show that they live there."""
        cell = Profile.cell_of_place(self.place) if self.place else None
        self.cell_lat, self.cell_lon = (cell.lat, cell.lon) if cell else (None, None)

    @classmethod
    def free_slug(cls, name: str, *, is_secret: bool) -> str:
        """A word for the address. That of a closed circle says nothing, and keeps no other from having its name."""
        if is_secret:
            return f"c-{secrets.token_hex(6)}"
        stem = slugify(name)[:60].strip("-") or "circle"
        taken = set(cls.objects.filter(slug__startswith=stem).values_list("slug", flat=True)) | settings.RESERVED_SLUGS
        number, slug = 1, stem
        while slug in taken:
            number += 1
            slug = f"{stem}-{number}"
        return slug

    # Queries

    distance: str = ""  # how far it is from the reader
    people: int | None = None  # how many belong to it, as the reader may know
    standing: str | None = None  # how the reader stands to it

    @property
    def entry(self) -> tuple[Any, ...]:
        """What stands in calendars of its next meeting."""
        return self.name, self.place, self.next_on, self.agenda

    @property
    def is_going(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @property
    def has_room(self) -> bool:
        """Whether one more can come in."""
        return self.is_going and self.taken < self.size

    @property
    def is_closed(self) -> bool:
        """Whether nobody outside learns that it exists."""
        return self.door == CircleDoor.CLOSED

    @property
    def is_asleep(self) -> bool:
        """Whether nothing happened in it for a season."""
        return self.is_going and self.stirred_at < timezone.now() - self.SLEEPS_AFTER

    @property
    def people_in_words(self) -> str:
        """How many belong to it, for somebody outside: a few are not counted."""
        number = self.people or 0
        if number < settings.SMALL_COUNT:
            return gettext("fewer than %(n)s people") % {"n": settings.SMALL_COUNT}
        return ngettext("%(n)s person", "%(n)s people", number) % {"n": number}

    @property
    def cell(self) -> Cell | None:
        """The square in which it meets, or None."""
        return Cell(self.cell_lat, self.cell_lon) if self.cell_lat is not None and self.cell_lon is not None else None

    def distance_from(self, member: Member) -> str:
        """How far it is, in words; empty where either has no place."""
        there = self.cell
        own = member.profile.cell if there else None
        return distance_band(own.km_to(there)) if own and there else ""

    @classmethod
    def beginning(cls, kind: str) -> dict[str, Any]:
        """What the form of a new circle of this kind begins with."""
        known = kind if kind in CircleKind.values else CircleKind.PEERS
        cadence, purpose, agenda = cls.BEGINNINGS[known]
        return {"kind": known, "cadence": cadence, "purpose": purpose, "agenda": agenda}
