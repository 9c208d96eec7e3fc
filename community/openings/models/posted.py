"""A place that is offered without a key to the editing tools: written, read by a steward, renewed, closed."""

from datetime import date, timedelta
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from community.members.models import Cell, Member
from community.notices.models import Notice, NoticeKind
from community.topics.models import EntryPage, as_text

QUEUE = "/steward/openings/"


class Posting(models.Model):
    """What is known of an opening beside its page, in no wording of it: who waits, who has read it, roughly where."""

    opening = models.OneToOneField("openings.OpeningPage", on_delete=models.CASCADE, related_name="posting")
    posted_at = models.DateTimeField(null=True, blank=True)
    waits_since = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, max_length=2000, help_text="What a steward said to it.")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reminded_for = models.DateField(null=True, blank=True, help_text="The last day of which the poster was told.")
    cell_lat = models.FloatField(null=True, blank=True, help_text="The centre of a square, never the point.")
    cell_lon = models.FloatField(null=True, blank=True)

    wagtail_reference_index_ignore = True

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


class PostedPage(EntryPage):
    """A page that a member writes in a form; whom a steward vouches for publishes at once, unless it was taken down."""

    lines: Any  # these three stand in the page's own class
    closes_on: Any
    text: Any

    MOST_WAITING: ClassVar[int] = 5
    MOST_A_DAY: ClassVar[int] = 5
    SOON: ClassVar[timedelta] = timedelta(days=7)  # this long before it closes its poster is asked
    RENEWABLE: ClassVar[timedelta] = timedelta(days=14)
    LONGER: ClassVar[timedelta] = timedelta(days=60)

    class Meta:
        abstract = True

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
        above: Any = cls.allowed_parent_page_models()[0].objects.select_for_update(of=("self",)).first()
        if above is None:
            raise ValidationError(_("This community has no list of openings yet. Ask a steward."))
        page: Any = cls(author=by, owner=by, live=False, has_unpublished_changes=True)
        page._put(fields, lines)
        page.slug = free_slug(page.title, above)
        above.add_child(instance=page)
        Posting.objects.create(opening=page, posted_at=timezone.now())
        page._hand_in(by, page, is_near)
        page.refresh_from_db()
        return page

    @transaction.atomic
    def revise(self, by: Member, version: int, fields: dict[str, Any], lines: list[str], is_near: bool = False) -> None:
        """Change it; ValidationError where somebody has saved another wording since `version`."""
        page = self._own(by)
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
            if name == "text" and as_text(value) == as_text(str(self.text)):
                continue
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
        revision = working.save_revision(user=by, clean=False)
        posting = Posting.objects.filter(opening=self)
        if by.is_verified and not self.is_taken_down:
            revision.publish()
            posting.update(waits_since=None, note="", **where)
            return
        posting.update(note="", **where)
        if posting.filter(waits_since=None).update(waits_since=timezone.now()):
            for steward in Member.objects.filter(is_steward=True, is_active=True).exclude(pk=by.pk):
                Notice.send(steward, NoticeKind.OPENING_WAITS, reverse("openings_steward:opening", args=[self.pk]))

    @transaction.atomic
    def judge(self, by: Member, version: int, accepts: bool, note: str = "") -> None:
        """A steward publishes the wording that they have read, or says what is missing; its author hears of it."""
        page: Any = (
            type(self)._default_manager.decidable_by(by).select_for_update(of=("self",)).filter(pk=self.pk).first()
        )
        if page is None or page.version != version or page.posting.waits_since is None:
            raise ValidationError(_("It was changed or answered in the meantime. Look at it again."))
        if not accepts and not note.strip():
            raise ValidationError(_("Say what is missing, so that they know what to do."))
        if accepts:
            page.latest_revision.publish()
        answered = {"waits_since": None, "note": note.strip()[:2000], "answered_by": by}
        Posting.objects.filter(opening=page).update(**answered)
        Notice.send(page.author, NoticeKind.OPENING_ANSWERED, reverse("openings:edit", args=[page.slug]))

    @transaction.atomic
    def renew(self, by: Member) -> date | None:
        """Keep it open for longer; asked twice it does so once. Returns the new last day."""
        page = self._own(by)
        today = timezone.localdate()
        if page.closes_on and page.closes_on <= today + self.RENEWABLE:
            page._close_on(max(page.closes_on, today) + self.LONGER)
        day: date | None = page.closes_on
        return day

    @transaction.atomic
    def close(self, by: Member) -> None:
        """Take no more applications; those that are under way are answered all the same."""
        page, yesterday = self._own(by), timezone.localdate() - timedelta(days=1)
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

    # Queries

    @property
    def version(self) -> int:
        """The number of the newest wording."""
        return int(self.latest_revision_id or 0)

    @property
    def working(self) -> Any:
        """The newest wording, published or not."""
        return self.get_latest_revision_as_object() if self.latest_revision_id else self

    @property
    def is_taken_down(self) -> bool:
        """Whether an editor has taken it from the site, or locked it: only a steward then lets it out again."""
        return self.locked or (not self.live and self.first_published_at is not None)

    @property
    def plain_text(self) -> str:
        """What it is about, as it is typed in a form."""
        return as_text(str(self.text))

    def _own(self, by: Member) -> Any:
        """The page as it stands, held; ValidationError where it is somebody else's."""
        held = type(self)._default_manager.editable_by(by).select_for_update(of=("self",))
        page: Any = held.filter(pk=self.pk).first()
        if page is None:
            raise ValidationError(_("This is not your opening."))
        return page


def free_slug(title: str, above: Page) -> str:
    """A word for the address, made of the title, that no other page beside it has and that leads nowhere else."""
    stem = slugify(title)[:60].strip("-_") or "opening"
    taken = set(above.get_children().filter(slug__startswith=stem).values_list("slug", flat=True))
    slug, number = stem, 1
    while slug in taken | settings.RESERVED_SLUGS:
        number += 1
        slug = f"{stem}-{number}"
    return slug
