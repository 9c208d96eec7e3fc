"""A place that is offered without a key to the editing tools: written, read by a steward, renewed, closed."""

from datetime import date, timedelta
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Cell, Member
from community.notices.models import Notice, NoticeKind
from community.topics.models import EntryPage
from community.trust import models as trust


class Posting(trust.Posting):
    """What is known of an opening beside its page: also when it was written, and roughly where the place lies."""

    opening = models.OneToOneField("openings.OpeningPage", on_delete=models.CASCADE, related_name="posting")
    posted_at = models.DateTimeField(null=True, blank=True)
    reminded_for = models.DateField(null=True, blank=True, help_text="The last day of which the poster was told.")
    cell_lat = models.FloatField(null=True, blank=True, help_text="The centre of a square, never the point.")
    cell_lon = models.FloatField(null=True, blank=True)

    class Meta:
        verbose_name = _("posting")

    def __str__(self) -> str:
        return f"posting of {self.opening_id}"

    @property
    def cell(self) -> Cell | None:
        """The square in which the place lies, if the poster said so."""
        if self.cell_lat is None or self.cell_lon is None:
            return None
        return Cell(self.cell_lat, self.cell_lon)


class PostedPage(trust.PostedPage, EntryPage):
    """An opening as its poster writes, changes, renews and closes it."""

    lines: Any  # these two stand in the page's own class
    closes_on: Any

    WAITS, ANSWERED = NoticeKind.OPENING_WAITS, NoticeKind.OPENING_ANSWERED
    NOT_YOURS = _("This is not your opening.")
    MOST_A_DAY: ClassVar[int] = 5
    SOON: ClassVar[timedelta] = timedelta(days=7)  # this long before it closes its poster is asked
    RENEWABLE: ClassVar[timedelta] = timedelta(days=14)
    LONGER: ClassVar[timedelta] = timedelta(days=60)

    class Meta:
        abstract = True

    @property
    def postings(self) -> Any:
        """Its one row of `Posting`, as a QuerySet."""
        return Posting.objects.filter(opening=self)

    @property
    def review_url(self) -> str:
        """Where a steward reads it."""
        return reverse("openings_steward:opening", args=[self.pk])

    @property
    def edit_url(self) -> str:
        """Where its poster changes it."""
        return reverse("openings:edit", args=[self.slug])

    # Verbs

    @classmethod
    def why_not_post(cls, member: Member) -> Any:
        """Why this member cannot offer a place, in words; empty where they can."""
        if not member.is_adult:
            return _("Whoever offers a place answers letters of strangers, and must be 18 or older.")
        if not EmailAddress.objects.filter(user=member, verified=True).exists():
            return _("Confirm your e-mail address first: people who apply rely on an answer.")
        own = cls._default_manager.filter(author=member)
        if own.exclude(posting__waits_since=None).count() >= cls.MOST_WAITING:
            return _("%(n)s openings of yours wait for a steward already.") % {"n": cls.MOST_WAITING}
        if own.filter(posting__posted_at__date=timezone.localdate()).count() >= cls.MOST_A_DAY:
            return _("You have written %(n)s openings today. Please go on tomorrow.") % {"n": cls.MOST_A_DAY}
        return ""

    @classmethod
    @transaction.atomic
    def post(cls, by: Member, fields: dict[str, Any], lines: list[str], is_near: bool = False) -> Any:
        """Offer a place; ValidationError where this member cannot."""
        Member.objects.select_for_update(of=("self",)).get(pk=by.pk)
        if why := cls.why_not_post(by):
            raise ValidationError(why)
        above: Any = cls.allowed_parent_page_models()[0].held()
        if above is None:
            raise ValidationError(_("This community has no list of openings yet. Ask a steward."))
        page: Any = cls(author=by, owner=by, live=False, has_unpublished_changes=True)
        page._put(fields, lines)
        page.slug = above.free_slug(page.title, "opening")
        above.add_child(instance=page)
        Posting.objects.create(opening=page, posted_at=timezone.now())
        page._hand_in(by, page, is_near)
        page.refresh_from_db()
        return page

    @transaction.atomic
    def revise(self, by: Member, version: int, fields: dict[str, Any], lines: list[str], is_near: bool = False) -> None:
        """Change it; ValidationError where somebody has saved another wording since `version`."""
        page = self.own(by)
        if version != page.version:
            raise ValidationError(_("This was changed in another window since you opened it. Look at both."), "stale")
        working = page.working
        working._put(fields, lines)
        working.full_clean()
        Posting.objects.get_or_create(opening=page)
        page._hand_in(by, working, is_near)

    def _put(self, fields: dict[str, Any], lines: list[str]) -> None:
        """Fill in; a line and a text whose words are the same stay the rows, and keep the form, that they had."""
        for name, value in fields.items():
            if not self.keeps_its_form(name, value):
                setattr(self, name, value)
        known = {line.text: line for line in self.lines.all()}
        line_of = type(self)._meta.get_field("lines").related_model
        wanted = [known.get(text) or line_of(text=text) for text in dict.fromkeys(lines)]  # type: ignore[operator]
        for number, line in enumerate(wanted):
            line.sort_order = number
        self.lines = wanted

    def _hand_in(self, by: Member, working: Any, is_near: bool) -> None:
        """Publish it, or let the stewards know that it waits."""
        cell = by.profile.cell if is_near else None
        where = {"cell_lat": cell.lat if cell else None, "cell_lon": cell.lon if cell else None}
        self.postings.update(**where)
        self.hand_in(by, working.save_revision(user=by, clean=False), at_once=by.is_verified)

    @transaction.atomic
    def renew(self, by: Member) -> date | None:
        """Keep it open for longer; asked twice it does so once. Returns the new last day."""
        page = self.own(by)
        today = timezone.localdate()
        if page.closes_on and page.closes_on <= today + self.RENEWABLE:
            page._close_on(max(page.closes_on, today) + self.LONGER)
        day: date | None = page.closes_on
        return day

    @transaction.atomic
    def close(self, by: Member) -> None:
        """Take no more applications; those that are under way are answered all the same."""
        page, yesterday = self.own(by), timezone.localdate() - timedelta(days=1)
        if page.closes_on is None or page.closes_on > yesterday:
            page._close_on(yesterday)

    def _close_on(self, day: date) -> None:
        """Another last day, in the page and in the wording that may wait for a steward."""
        self.closes_on = day
        if self.live and not self.has_unpublished_changes:
            self.save_revision(clean=False).publish()
            return
        type(self)._default_manager.filter(pk=self.pk).update(closes_on=day)
        if self.latest_revision:
            self.latest_revision.content["closes_on"] = day.isoformat()
            self.latest_revision.save(update_fields=["content"])

    @classmethod
    def ask_to_renew(cls) -> int:
        """Ask those whose opening closes soon whether the place is still free; once for each last day."""
        today = timezone.localdate()
        near = cls._default_manager.live().filter(closes_on__gte=today, closes_on__lte=today + cls.SOON)
        count = 0
        for page in near.filter(author__is_active=True, author__is_adult=True).select_related("author"):
            with transaction.atomic():
                Posting.objects.get_or_create(opening=page)
                new = Posting.objects.filter(opening=page).exclude(reminded_for=page.closes_on)
                if new.update(reminded_for=page.closes_on):
                    Notice.send(page.author, NoticeKind.OPENING_LAPSES, reverse("openings:renew", args=[page.slug]))
                    count += 1
        return count
