"""A gathering that is posted without a key to the editing tools: written in a form, read by a steward, changed."""

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

from community.gatherings.models.enrolling import EnrollablePage
from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.topics.models import as_text


class Posting(models.Model):
    """What is known of a gathering beside its page, in no wording of it: since when it waits, and who has read it."""

    gathering = models.OneToOneField("gatherings.GatheringPage", on_delete=models.CASCADE, related_name="posting")
    waits_since = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, max_length=2000, help_text="What a steward said to it.")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("posting of a gathering")

    def __str__(self) -> str:
        return f"posting of {self.gathering_id}"


class PostedPage(EnrollablePage):
    """A page that a member writes in a form; whom a steward vouches for publishes at once."""

    MOST_WAITING: ClassVar[int] = 5
    MOST_COMING: ClassVar[int] = 30
    # A steward reads these again where nobody vouches for the host; time, place and seats cannot wait for that.
    WORDS: ClassVar[tuple[str, ...]] = (
        "title", "summary", "text", "bring", "price", "prerequisites", "host_questions", "topics",
    )  # fmt: skip

    class Meta:
        abstract = True

    # Verbs

    @classmethod
    def why_not_post(cls, member: Member) -> Any:
        """Why this member cannot invite people, in words; empty where they can."""
        if not member.is_adult:
            return _("Whoever invites people must be 18 or older. Ask somebody older to invite them with you.")
        if not EmailAddress.objects.filter(user=member, verified=True).exists():
            return _("Confirm your e-mail address first: people who come rely on hearing from you.")
        pages: Any = cls._default_manager
        own = pages.filter(author=member)
        if own.filter(posting__waits_since__isnull=False).count() >= cls.MOST_WAITING:
            return _("%(n)s gatherings of yours wait for a steward already.") % {"n": cls.MOST_WAITING}
        coming = own.filter(ends_at__gt=timezone.now(), is_cancelled=False)
        single, again = models.Count("pk", filter=models.Q(recurrence=None)), models.Count("recurrence", distinct=True)
        if sum(coming.aggregate(single=single, again=again).values()) >= cls.MOST_COMING:
            return _("You have %(n)s gatherings to come already. Hold one of them first.") % {"n": cls.MOST_COMING}
        return ""

    @classmethod
    @transaction.atomic
    def post(cls, by: Member, fields: dict[str, Any]) -> Any:
        """Invite people; ValidationError where this member cannot, or where the page is not whole."""
        Member.objects.select_for_update(of=("self",)).get(pk=by.pk)
        if why := cls.why_not_post(by):
            raise ValidationError(why)
        above: Any = cls.allowed_parent_page_models()[0].objects.select_for_update(of=("self",)).first()
        if above is None:
            raise ValidationError(_("This community has no list of gatherings yet. Ask a steward."))
        page: Any = cls(author=by, owner=by, live=False, has_unpublished_changes=True)
        page._put(fields)
        page.slug = free_slug(page.title, above)
        page.check_it_comes()
        page.full_clean(exclude=["path", "depth"])
        above.add_child(instance=page)
        Posting.objects.create(gathering=page)
        page._hand_in(by, page, is_new=True)
        return page

    @transaction.atomic
    def revise(self, by: Member, version: int, fields: dict[str, Any]) -> None:
        """Change it; ValidationError where somebody has saved another wording since `version`."""
        page = self._own(by)
        if version != page.version:
            raise ValidationError(_("This was changed in another window since you opened it. Look at both."), "stale")
        working = page.working
        zone, at_once = working.zone, {name: said for name, said in fields.items() if name not in self.WORDS}
        before = {name: words_of(working, name) for name in self.WORDS}
        starts_at = working.starts_at
        working._put(fields)
        working.follow(zone)
        if working.starts_at != starts_at:
            working.check_it_comes()
        working.full_clean()
        Posting.objects.get_or_create(gathering=page)
        is_new = page.has_unpublished_changes or before != {name: words_of(working, name) for name in self.WORDS}
        if is_new and page.live and not page.locked and not by.is_verified:
            # Guests must not stand at the gate at the old hour until somebody has read the words.
            shown: Any = type(self)._default_manager.get(pk=page.pk)
            shown._put(at_once)
            shown.follow(zone)
            shown.save_revision(user=by).publish()
        page._hand_in(by, working, is_new=is_new)

    def check_it_comes(self) -> None:
        """What is over cannot be invited to."""
        if self.starts_at and self.starts_at <= timezone.now():
            raise ValidationError({"starts_at": _("This is over already. Choose a day to come.")})

    def _put(self, fields: dict[str, Any]) -> None:
        """Fill in; a text whose words are the same keeps the form that an editor gave it."""
        for name, value in fields.items():
            if name == "text" and as_text(value) == as_text(str(self.text)):  # type: ignore[has-type]
                continue
            setattr(self, name, value)

    def _hand_in(self, by: Member, working: Any, *, is_new: bool) -> None:
        """Publish it, or let the stewards know that it waits."""
        revision = working.save_revision(user=by, clean=False)
        posting = Posting.objects.filter(gathering=self)
        # What was taken down, or is locked, stays so until a steward says otherwise, whoever writes it.
        is_held = self.locked or (not self.live and self.first_published_at is not None)
        if not is_held and (by.is_verified or not is_new):
            revision.publish()  # without a name, since no right in the editing tools stands behind it
            posting.update(waits_since=None, note="")
            return
        posting.update(note="")
        if posting.filter(waits_since=None).update(waits_since=timezone.now()):
            for steward in Member.objects.filter(is_steward=True, is_active=True).exclude(pk=by.pk):
                Notice.send(steward, NoticeKind.GATHERING_WAITS, reverse("gatherings_steward:review", args=[self.pk]))

    @transaction.atomic
    def judge(self, by: Member, version: int, accepts: bool, note: str = "") -> None:
        """A steward publishes the wording that they have read, or says what is missing; its host hears of it."""
        pages: Any = type(self)._default_manager
        held = pages.decidable_by(by).select_for_update(of=("self",), no_key=True)
        page: Any = held.filter(pk=self.pk).first()
        if page is None or page.version != version or page.posting.waits_since is None:
            raise ValidationError(_("It was changed or answered in the meantime. Look at it again."))
        if not accepts and not note.strip():
            raise ValidationError(_("Say what is missing, so that they know what to do."))
        if accepts:
            page.latest_revision.publish()
        answered = {"waits_since": None, "note": "" if accepts else note.strip()[:2000], "answered_by": by}
        Posting.objects.filter(gathering=page).update(**answered)
        Notice.send(page.author, NoticeKind.GATHERING_ANSWERED, reverse("gatherings:edit", args=[page.slug]))

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
    def plain_text(self) -> str:
        """What happens, as it is typed in a form."""
        return as_text(str(self.text))  # type: ignore[has-type]

    def _own(self, by: Member) -> Any:
        """The page as it stands, held; ValidationError where it is somebody else's."""
        pages: Any = type(self)._default_manager
        # Not the key: whoever takes a seat holds the seats already, and refers to this row only then.
        held = pages.editable_by(by).select_for_update(of=("self",), no_key=True)
        page: Any = held.filter(pk=self.pk).first()
        if page is None:
            raise ValidationError(_("This is not your gathering."))
        return page


def words_of(page: Any, name: str) -> Any:
    """What a field says, in a form that can be compared."""
    value = getattr(page, name)
    return sorted(topic.pk for topic in value.all()) if name == "topics" else str(value)


def free_slug(title: str, above: Page) -> str:
    """A word for the address, made of the title, that no other page beside it has and that leads nowhere else."""
    stem = slugify(title)[:60].strip("-_") or "gathering"
    taken = set(above.get_children().filter(slug__startswith=stem).values_list("slug", flat=True))
    slug, number = stem, 1
    while slug in taken | settings.RESERVED_SLUGS:
        number += 1
        slug = f"{stem}-{number}"
    return slug
