""" "We tried this here": what came of it somewhere else, told on the page that it was taken from."""

import uuid
from collections.abc import Collection
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.library.models.conditions import Climate, Scale, Soil
from community.library.models.tried import TriedPage
from community.members.models import Member, Profile
from community.members.models.cell import Cell
from community.notices.models import Follow, Notice, NoticeKind
from community.topics.models import Refused, Season, as_paragraphs, clean_picture, rendition_of, with_renditions
from community.trust.models import HiddenAt, HideableQuerySet


class TrialOutcome(models.TextChoices):
    """What came of trying it; all three are worth the same."""

    WORKED = "worked", _("It worked")
    PARTLY = "partly", _("It worked in part")
    FAILED = "failed", _("It failed")


class TrialQuerySet(HideableQuerySet):
    """Which trials somebody may see, and change."""

    def visible_to(self, member: Any, kinds: Collection[type[TriedPage]] = ()) -> "TrialQuerySet":
        """Those on pages that this member may see, told by nobody who is kept away, and not hidden by a steward.

        Lists, counts, maps and bars all begin here, so that a number never says more than the list below it. Only
        those on pages of some kinds, where these are given: each kind's own door is asked, and each costs.
        """
        shown = Q()
        for kind in kinds or TriedPage.kinds():
            shown |= Q(Exists(kind.objects.visible_to(member).filter(pk=OuterRef("page"))))
        return self.filter(shown, hidden_at=None).unblocked_for(member)

    def newest(self) -> "TrialQuerySet":
        """The last told first, with everything that a list shows."""
        pictures = with_renditions("picture__renditions", Trial.PICTURE)
        trials = self.select_related("member", "season", "picture").prefetch_related(pictures)
        return trials.order_by("-created_at", "-pk")


class Trial(HiddenAt):
    """Somebody tried what a page tells, under their own conditions, and says what came of it."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    key = models.UUIDField(
        null=True, blank=True, editable=False, help_text="The form that sent it; sent again, it does nothing."
    )
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="trials")
    outcome = models.CharField(_("what came of it?"), max_length=6, choices=TrialOutcome.choices)
    year = models.PositiveSmallIntegerField(_("in which year?"), validators=[MinValueValidator(1900)])
    season = models.ForeignKey(
        Season, verbose_name=_("season"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    place = models.CharField(
        _("where?"), max_length=80, blank=True, help_text=_("A village or valley, as it shall be shown. No address.")
    )
    cell_lat = models.FloatField(null=True, blank=True, editable=False)
    cell_lon = models.FloatField(null=True, blank=True, editable=False)
    soil = models.CharField(_("soil"), max_length=10, choices=Soil.choices, blank=True)
    climate = models.CharField(_("climate"), max_length=10, choices=Climate.choices, blank=True)
    scale = models.CharField(_("how big"), max_length=10, choices=Scale.choices, blank=True)
    equipment = models.CharField(_("with what tools"), max_length=160, blank=True)
    changed = models.TextField(
        _("what did you do differently?"), blank=True, max_length=1500, validators=[MaxLengthValidator(1500)]
    )
    learned = models.TextField(
        _("what happened, and why, as you see it?"), blank=True, max_length=1500, validators=[MaxLengthValidator(1500)]
    )
    cost = models.CharField(
        _("what did it cost?"), max_length=120, blank=True, help_text=_("Money, hours or both, with the unit.")
    )
    picture = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    grown_into = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False,
        help_text="The story that the teller made of it.",
    )  # fmt: skip
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = TrialQuerySet.as_manager()

    MOST_ON_A_PAGE: ClassVar[int] = 12  # of one member: one a season for three years
    MOST_A_DAY: ClassVar[int] = 20
    PICTURE: ClassVar[str] = "max-640x640|format-webp"

    class Meta:
        verbose_name = _("trial")
        verbose_name_plural = _("trials")
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["page", "outcome"])]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "key"], name="one_trial_a_form"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.uid}"

    def get_absolute_url(self) -> str:
        """Where this one stands alone."""
        return f"{self.page.get_url() or '/'}tries/{self.uid}/"

    def clean(self) -> None:
        """Nobody has tried anything next year."""
        if self.year and self.year > timezone.localdate().year:
            raise ValidationError({"year": _("This year has not come yet.")})

    # Mutators

    @classmethod
    def why_not(cls, member: Member, page: TriedPage) -> str:
        """Why this member cannot tell of another try here; empty where nothing is in the way."""
        if page.author_id == member.pk:
            return str(_("You told this yourself. Put what came of it later into your own words on the page."))
        own = cls.objects.filter(member=member)
        if own.filter(page=page).count() >= cls.MOST_ON_A_PAGE:
            most = {"n": cls.MOST_ON_A_PAGE}
            return str(_("You have told of %(n)s tries here. Change one of them, or take one away.") % most)
        if own.filter(created_at__date=timezone.localdate()).count() >= cls.MOST_A_DAY:
            return str(_("You have told of %(n)s tries today. Please go on tomorrow.") % {"n": cls.MOST_A_DAY})
        return ""

    @transaction.atomic
    def put(self, page: TriedPage | None = None, *, is_on_map: bool = False, **picture: Any) -> "Trial":
        """Tell it, or tell it anew. The first time names the page, and its author hears of it.

        `picture` may hold a `photo`, the photo in `words`, and whether the old one `goes`.
        Raises ValidationError where too much was told already, or the photo cannot be read.
        """
        member = Member.objects.select_for_update(of=("self",)).get(pk=self.member_id)
        if page is not None:
            if earlier := type(self).objects.filter(member=member, key=self.key or uuid.uuid4()).first():
                return earlier
            if why := self.why_not(member, page):
                raise ValidationError(why)
            self.page_id = page.pk
        self._stand_where(member, is_on_map)
        self.full_clean()
        old = self._take_picture(**picture)
        self.save()
        if old is not None:
            old.delete()
        if page is not None and page.author and page.author.is_active:
            Notice.send(page.author, NoticeKind.TRIAL_RECEIVED, f"{page.get_url() or '/'}tries/", actor=member)
        if page is not None:
            Follow.page_has_news(page, member)
        return self

    def _stand_where(self, member: Member, is_on_map: bool) -> None:
        """The square on the map, if the member wants one; where somebody under 18 works is not kept at all."""
        cell = None
        if not member.is_adult:
            self.place = ""
        elif is_on_map:
            profile = member.profile
            is_home = self.place.strip().casefold() in {"", profile.place.strip().casefold()}
            cell = profile.cell if is_home else Profile.cell_of_place(self.place)
        snapped = Cell.around(cell.lat, cell.lon) if cell else None
        self.cell_lat, self.cell_lon = (snapped.lat, snapped.lon) if snapped else (None, None)

    def _take_picture(self, photo: Any = None, words: str | None = None, goes: bool = False) -> Any:
        """Keep a new photo, clean as all uploads are; returns the old one where nothing shows it any more."""
        old = self.picture if photo or goes else None
        if photo:
            try:
                image = clean_picture(photo, str(_("Tried here")), self.member)
            except Refused as error:
                raise ValidationError(str(error)) from error
            image.description = words or ""
            image.save(update_fields=["description"])
            self.picture = image
        elif goes:
            self.picture = None
        elif self.picture and words is not None and words != self.picture.description:
            self.picture.description = words
            self.picture.save(update_fields=["description"])
        return old

    @transaction.atomic
    def take_away(self) -> None:
        """The teller takes it back; nothing of it is left, and it is not counted any more."""
        picture = self.picture
        type(self).objects.filter(pk=self.pk).delete()
        if picture is not None:
            picture.delete()

    @transaction.atomic
    def grow(self, kind: Any) -> Any:
        """Begin a story of one's own with what was told here; twice leads to the same story."""
        trial = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if story := kind.objects.filter(pk=trial.grown_into_id).first():
            return story
        title = str(_("We tried it, too: %(title)s") % {"title": self.page.title})
        same = ("year", "season", "soil", "climate", "scale", "equipment", "place")
        fields = {"title": title[:120], "outcome": self.mark} | {name: getattr(self, name) for name in same}
        story = kind.begin(self.member, fields)
        story.keep(self.member, {}, {"tried": as_paragraphs(self.changed), "happened": as_paragraphs(self.learned)})
        type(self).objects.filter(pk=self.pk).update(grown_into=story.pk)
        return story

    # Properties

    @property
    def cell(self) -> Cell | None:
        """The square it was tried in, or None."""
        return None if self.cell_lat is None or self.cell_lon is None else Cell(self.cell_lat, self.cell_lon)

    @property
    def byline(self) -> str:
        """Who tells it, as anybody may read it: nobody under 18 and nobody who has left is named."""
        if self.member and self.member.is_active and self.member.is_adult:
            return str(self.member.name)
        return ""

    @property
    def mark(self) -> str:
        """The same outcome by the name of its drawing."""
        return {"worked": "success", "partly": "mixed", "failed": "failure"}.get(self.outcome, "")

    @property
    def conditions(self) -> list[str]:
        """Under which conditions, as words; only what was said."""
        said = (self.get_soil_display(), self.get_climate_display(), self.get_scale_display())
        return [str(word) for word in said if word]

    @property
    def shown_picture(self) -> Any:
        """The picture as the list shows it, or None."""
        return rendition_of(self.picture, self.PICTURE)
