"""A note on the way: what was seen in an experiment on one day."""

import uuid
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from community.notices.models import Follow
from community.topics.models import Refused, clean_picture, rendition_of


class LogUpdateQuerySet(models.QuerySet["LogUpdate"]):
    """Which notes somebody may change, and how they are shown."""

    def visible_to(self, member: Any) -> "LogUpdateQuerySet":
        """Those of the experiments that this member may see."""
        logs: Any = self.model._meta.get_field("log").related_model
        return self.filter(log__in=logs.objects.visible_to(member).values("pk"))

    def editable_by(self, member: Any) -> "LogUpdateQuerySet":
        """Those of one's own experiments, also where a page is not shown any more."""
        return self.filter(log__author=member) if getattr(member, "is_authenticated", False) else self.none()

    def in_order(self) -> "LogUpdateQuerySet":
        """In the order of the days, with what each shows."""
        return self.select_related("picture").order_by("day", "pk")


class LogUpdate(models.Model):
    """What somebody saw on one day of their experiment; a row of its own, so that no wording of the page undoes it."""

    log = models.ForeignKey("library.LogPage", on_delete=models.CASCADE, related_name="updates")
    key = models.UUIDField(
        unique=True, default=uuid.uuid4, editable=False, help_text="The form that sent it; sent again, it does nothing."
    )
    day = models.DateField(_("on which day?"), default=timezone.localdate)
    text = models.TextField(_("what did you see and do?"), max_length=3000, validators=[MaxLengthValidator(3000)])
    measure = models.CharField(
        _("what did you count?"), max_length=120, blank=True, help_text=_("“Leaves with holes, of 50”.")
    )
    amount = models.CharField(
        _("how much was it?"), max_length=120, blank=True,
        help_text=_("With the unit, for each bed or batch: “limed 4, bare 17”."),
    )  # fmt: skip
    picture = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    is_last = models.BooleanField(
        _("This is the end of it"), default=False,
        help_text=_("The experiment then stands as finished, and nobody else is looked for."),
    )  # fmt: skip
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = LogUpdateQuerySet.as_manager()

    MOST: ClassVar[int] = 200  # of one experiment: more than twice a week for a year and a half
    PICTURE: ClassVar[str] = "max-960x960|format-webp"

    class Meta:
        verbose_name = _("note on an experiment")
        verbose_name_plural = _("notes on experiments")
        ordering: ClassVar[list[str]] = ["day", "pk"]

    def __str__(self) -> str:
        return f"{self.day} of {self.log_id}"

    def clean(self) -> None:
        """Nobody has seen tomorrow, and a figure says what it is a figure of."""
        if self.day and self.day > timezone.localdate():
            raise ValidationError({"day": _("This day has not come yet.")})
        if self.amount and not self.measure:
            raise ValidationError({"measure": _("Say what you counted.")})

    # Mutators

    @transaction.atomic
    def put(self, photo: Any = None, words: str = "", goes: bool = False) -> "LogUpdate":
        """Keep it, new or changed; a form that was sent before gives what it led to.

        Raises ValidationError where there are too many, or the photo cannot be read.
        """
        model: Any = type(self.log)
        model.objects.select_for_update(of=("self",)).get(pk=self.log_id)  # whoever sends it twice waits for themselves
        if self.pk is None:
            if earlier := type(self).objects.filter(log=self.log, key=self.key).first():
                return earlier
            if type(self).objects.filter(log=self.log).count() >= self.MOST:
                raise ValidationError(_("There are %(n)s notes here. Please change one of them.") % {"n": self.MOST})
        self.full_clean()
        is_new, old = self.pk is None, self._take_picture(photo, words, goes)
        self.save()
        if old is not None:
            old.delete()
        self.log.settle()
        if is_new:
            Follow.page_has_news(self.log)
        return self

    def _take_picture(self, photo: Any, words: str, goes: bool) -> Any:
        """Keep a new photo, and what it shows; returns the old one where nothing shows it any more."""
        old = self.picture if photo or goes else None
        if photo:
            try:
                self.picture = clean_picture(photo, self.log.title, self.log.author)
            except Refused as error:
                raise ValidationError(str(error)) from error
        elif goes:
            self.picture = None
        if self.picture and words != self.picture.description:
            self.picture.description = words
            self.picture.save(update_fields=["description"])
        return old

    @transaction.atomic
    def take_away(self) -> None:
        """It was wrong, or too much: nothing of it is left."""
        picture = self.picture
        type(self).objects.filter(pk=self.pk).delete()
        if picture is not None:
            picture.delete()
        self.log.settle()

    # Properties

    @property
    def told(self) -> str:
        """The day and what was seen, in one run of words."""
        return f"{date_format(self.day, 'j F Y')}: {self.text.strip()}"

    @property
    def as_figure(self) -> dict[str, str]:
        """What was counted, as a line of the table of a story."""
        amount = self.amount if len(self.amount) <= 80 else f"{self.amount[:79]}…"
        return {"measure": self.measure, "before": "", "after": amount, "method": date_format(self.day, "j F Y")}

    @property
    def shown_picture(self) -> Any:
        """The picture as the page shows it, or None."""
        return rendition_of(self.picture, self.PICTURE)
