"""A gathering that is posted without a key to the editing tools: written in a form, read by a steward, changed."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.gatherings.models.enrolling import EnrollablePage
from community.members.models import Member
from community.notices.models import NoticeKind
from community.trust import models as trust


class Posting(trust.Posting):
    """What is known of a gathering beside its page."""

    gathering = models.OneToOneField("gatherings.GatheringPage", on_delete=models.CASCADE, related_name="posting")

    class Meta:
        verbose_name = _("posting of a gathering")

    def __str__(self) -> str:
        return f"posting of {self.gathering_id}"


class PostedPage(trust.PostedPage, EnrollablePage):
    """A gathering as its host writes and changes it."""

    WAITS, ANSWERED = NoticeKind.GATHERING_WAITS, NoticeKind.GATHERING_ANSWERED
    NOT_YOURS = _("This is not your gathering.")
    MOST_COMING: ClassVar[int] = 30
    # A steward reads these again where nobody vouches for the host; time, place and seats cannot wait for that.
    WORDS: ClassVar[tuple[str, ...]] = (
        "title", "summary", "text", "bring", "price", "prerequisites", "host_questions", "topics",
    )  # fmt: skip

    class Meta:
        abstract = True

    @property
    def postings(self) -> Any:
        """Its one row of `Posting`, as a QuerySet."""
        return Posting.objects.filter(gathering=self)

    @property
    def review_url(self) -> str:
        """Where a steward reads it."""
        return reverse("gatherings_steward:review", args=[self.pk])

    @property
    def edit_url(self) -> str:
        """Where its host changes it."""
        return reverse("gatherings:edit", args=[self.slug])

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
        above: Any = cls.allowed_parent_page_models()[0].held()
        if above is None:
            raise ValidationError(_("This community has no list of gatherings yet. Ask a steward."))
        page: Any = cls(author=by, owner=by, live=False, has_unpublished_changes=True)
        page._put(fields)
        page.slug = above.free_slug(page.title, "gathering")
        page.check_it_comes()
        page.full_clean(exclude=["path", "depth"])
        above.add_child(instance=page)
        Posting.objects.create(gathering=page)
        page._hand_in(by, page, is_new=True)
        return page

    @transaction.atomic
    def revise(self, by: Member, version: int, fields: dict[str, Any]) -> None:
        """Change it; ValidationError where somebody has saved another wording since `version`."""
        page = self.own(by)
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
        if page.live and not page.locked:
            working.settle_ways()  # before the wording becomes a revision, which does not carry what the host decided
        else:
            working.fate = ""  # it is refused where people have joined
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
            if not self.keeps_its_form(name, value):
                setattr(self, name, value)

    def _hand_in(self, by: Member, working: Any, *, is_new: bool) -> None:
        """Publish it, or let the stewards know that it waits."""
        self.hand_in(by, working.save_revision(user=by, clean=False), at_once=by.is_verified or not is_new)


def words_of(page: Any, name: str) -> Any:
    """What a field says, in a form that can be compared."""
    value = getattr(page, name)
    return sorted(topic.pk for topic in value.all()) if name == "topics" else str(value)
