"""What was said at a meeting of a circle, and who does what until when."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.circles.models.circle import Circle
from community.circles.models.membership import Membership
from community.members.models import Member
from community.notices.models import Notice, NoticeKind


class InsideQuerySet(models.QuerySet[Any]):
    """What stands in a circle is for those who belong to it, and for nobody else, stewards included."""

    def visible_to(self, member: Any) -> Any:
        """What stands in the circles to which this member belongs."""
        return self.filter(circle__in=Circle.objects.of(member).values("pk"))

    def editable_by(self, member: Any) -> Any:
        """One's own, and for whoever leads the circle all of it, while the circle goes on."""
        own = models.Q(writer=member) if getattr(member, "is_authenticated", False) else models.Q(pk__in=[])
        led = models.Q(circle__in=Circle.objects.editable_by(member).values("pk"))
        return self.visible_to(member).filter(own | led, circle__ended_at=None)


class Inside(models.Model):
    """Something that somebody put into a circle."""

    circle = models.ForeignKey("circles.Circle", on_delete=models.CASCADE, related_name="%(class)ss")
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = InsideQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    who = ""  # the writer's name, as the reader may know it

    class Meta:
        abstract = True

    def tell_others(self, kind: NoticeKind, by: Member, url: str) -> None:
        """Everybody else in the circle hears of it."""
        others = Membership.objects.inside().filter(circle=self.circle_id).exclude(member=by)  # type: ignore[attr-defined]
        for one in others.unblocked_for(by).select_related("member"):
            Notice.send(one.member, kind, url, actor=by)


def name_writers(rows: list[Any], viewer: Member, field: str = "writer") -> None:
    """Say of each row whose it is, where that person still belongs to the circle and no block stands between."""
    found = Membership.objects.visible_to(viewer).inside().filter(
        circle__in={row.circle_id for row in rows}, member__in={getattr(row, f"{field}_id") for row in rows} - {None}
    )  # fmt: skip
    names = {(one.circle_id, one.member_id): one.member.name for one in found.select_related("member")} if rows else {}
    for row in rows:
        row.who = names.get((row.circle_id, getattr(row, f"{field}_id")), "")


class Minutes(Inside):
    """What was said and decided at one meeting of a circle."""

    met_on = models.DateField(_("when you met"))
    text = models.TextField(
        _("what was said"), validators=[MaxLengthValidator(10_000)],
        help_text=_("What went wrong, what you decided, what you try next. An empty line begins a paragraph."),
    )  # fmt: skip
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("minutes")
        ordering: ClassVar[list[str]] = ["-met_on", "-pk"]

    def __str__(self) -> str:
        return f"minutes of {self.met_on}"

    def get_absolute_url(self) -> str:
        """Where they stand."""
        return reverse("circles:minutes", args=[self.circle.slug, self.pk])

    def clean(self) -> None:
        """Words, on a day that has been."""
        wrong = {}
        if not any(letter.isalpha() for letter in self.text):
            wrong["text"] = _("Write it in words.")
        if self.met_on and not 2000 <= self.met_on.year <= timezone.localdate().year + 1:
            wrong["met_on"] = _("On which day did you meet?")
        elif self.met_on and self.met_on > timezone.localdate():
            wrong["met_on"] = _("This day is still to come. What comes up then stands in the agenda.")
        if wrong:
            raise ValidationError(wrong)

    @classmethod
    @transaction.atomic
    def write(cls, circle: Circle, by: Member, met_on: Any, text: str) -> "Minutes":
        """Write down what was said; everybody in the circle hears that it is there."""
        circle.require_inside(by)
        minutes = cls(circle=circle, writer=by, met_on=met_on, text=text.strip())
        minutes.full_clean()
        minutes.save()
        circle.stir()
        minutes.tell_others(NoticeKind.CIRCLE_MINUTES, by, minutes.get_absolute_url())
        return minutes

    @transaction.atomic
    def change(self, by: Member, met_on: Any, text: str) -> None:
        """The writer, or whoever leads the circle, puts it right; that it was changed is shown."""
        if not Minutes.objects.editable_by(by).filter(pk=self.pk).exists():
            raise ValidationError(_("Only whoever wrote it, or leads the circle, can change this."))
        self.met_on, self.text, self.edited_at = met_on, text.strip(), timezone.now()
        self.full_clean()
        self.save(update_fields=["met_on", "text", "edited_at"])


class Action(Inside):
    """Something that somebody in a circle does until a day."""

    minutes = models.ForeignKey(Minutes, null=True, blank=True, on_delete=models.SET_NULL, related_name="actions")
    text = models.CharField(_("what is to be done"), max_length=300)
    doer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who does it"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+",
    )  # fmt: skip
    due_on = models.DateField(_("by when"), null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    MOST_OPEN: ClassVar[int] = 60  # in one circle

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering: ClassVar[list[Any]] = [F("due_on").asc(nulls_last=True), "pk"]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        """Words, and a day that makes sense."""
        if not any(letter.isalpha() for letter in self.text):
            raise ValidationError({"text": _("Write it in words.")})
        year = timezone.localdate().year
        if self.due_on and not year - 1 <= self.due_on.year <= year + 5:
            raise ValidationError({"due_on": _("Give a day within the next years.")})

    @classmethod
    @transaction.atomic
    def give(
        cls, circle: Circle, by: Member, text: str, doer: Member | None = None, due_on: Any = None,
        minutes: Minutes | None = None,
    ) -> "Action":  # fmt: skip
        """Put something down to be done; whoever does it hears of it. The same again is put down once."""
        Circle.objects.select_for_update(of=("self",)).get(pk=circle.pk)
        circle.require_inside(by)
        action = cls(circle=circle, writer=by, text=" ".join(text.split()), doer=doer, due_on=due_on, minutes=minutes)
        action.full_clean()
        if doer is not None and not Membership.objects.visible_to(by).inside().filter(circle=circle, member=doer):
            raise ValidationError({"doer": _("Choose somebody who belongs to the circle.")})
        still_open = cls.objects.filter(circle=circle, done_at=None)
        if same := still_open.filter(text=action.text, doer=doer, due_on=due_on).first():
            return same  # type: ignore[no-any-return]
        if still_open.count() >= cls.MOST_OPEN:
            raise ValidationError(_("There is a lot to do already. Tick off what is done first."))
        action.save()
        circle.stir()
        if doer is not None and doer.pk != by.pk:
            # The address says which: two things to do are two notices.
            Notice.send(doer, NoticeKind.CIRCLE_TASK, f"{circle.get_absolute_url()}?task={action.pk}", actor=by)
        return action

    def tick(self, by: Member, *, is_done: bool = True) -> None:
        """Anybody in the circle says that it is done, or that it is not after all. Twice does it once."""
        self.circle.require_inside(by)
        rows = Action.objects.filter(pk=self.pk, done_at__isnull=is_done)
        if rows.update(done_at=timezone.now() if is_done else None):
            self.circle.stir()
        self.refresh_from_db()

    @property
    def is_late(self) -> bool:
        """Whether it should have been done by now."""
        return self.done_at is None and self.due_on is not None and self.due_on < timezone.localdate()
