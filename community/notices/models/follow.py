"""What a member wants to hear of: a topic, what somebody tells, a page. Nobody else learns who follows what."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from community.members.models import Block, Member
from community.notices.models.notice import Notice, NoticeKind
from community.notices.tasks import tell_followers, tell_of_change
from community.topics.models import EntryPage, Topic, shown_entry, shown_to


class FollowQuerySet(models.QuerySet["Follow"]):
    """Whose."""

    def visible_to(self, member: Any) -> "FollowQuerySet":
        """One's own, and nobody else's: not for whom it is about, nor for a steward."""
        return self.filter(member=member) if getattr(member, "is_authenticated", False) else self.none()

    def editable_by(self, member: Any) -> "FollowQuerySet":
        """One's own."""
        return self.visible_to(member)

    def of_new(self, page: EntryPage) -> "FollowQuerySet":
        """By a topic or by the author of a page."""
        wanted = Q(topic__in=[topic.pk for topic in page.topics.all()])
        return self.filter(wanted | Q(author=page.author_id) if page.author_id else wanted)


class Follow(models.Model):
    """A member wants to hear what is new: on a topic, from an author, or on a page."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    topic = models.ForeignKey(Topic, null=True, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    page = models.ForeignKey(Page, null=True, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = FollowQuerySet.as_manager()

    TARGETS: ClassVar[tuple[str, ...]] = ("topic", "author", "page")
    MOST: ClassVar[int] = 200
    AT_ONCE: ClassVar[int] = 100  # followers told in one task

    class Meta:
        verbose_name = _("what somebody follows")
        verbose_name_plural = _("what people follow")
        ordering: ClassVar[list[str]] = ["-since", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(topic__isnull=False, author=None, page=None)
                | Q(topic=None, author__isnull=False, page=None)
                | Q(topic=None, author=None, page__isnull=False),
                name="follows_one_thing",
            ),
            *[
                models.UniqueConstraint(fields=["member", name], name=f"follows_{name}_once")
                for name in ("topic", "author", "page")
            ],
        ]

    def __str__(self) -> str:
        return f"something that {self.member_id} follows"

    is_shown: bool = True  # whether whoever follows it may still know its name

    @classmethod
    def of(cls, member: Any) -> "list[Follow]":
        """What a member follows, and for each whether they may still know its name, in four queries for all."""
        follows = list(cls.objects.visible_to(member).select_related("topic", "author", "page"))
        pages = [one.page_id for one in follows if one.page_id]
        seen = Page.objects.filter(shown_to(member, pages), pk__in=pages) if pages else Page.objects.none()
        shown = set(seen.values_list("pk", flat=True))
        authors = [one.author_id for one in follows if one.author_id]
        known = set(Member.objects.visible_to(member).filter(pk__in=authors).values_list("pk", flat=True))
        for one in follows:
            one.is_shown = bool(one.topic_id) or one.page_id in shown or one.author_id in known
        return follows

    @property
    def name(self) -> str:
        """What it is called, where that may still be known."""
        if not self.is_shown:
            return str(_("Something that is not shown to you any more"))
        return str(self.topic or (self.author and self.author.name) or self.page)

    # Verbs

    @classmethod
    def find(cls, member: Member, what: str, key: str) -> Any:
        """What this member may follow: a topic, somebody whom they find, a page that they may see; else None."""
        key = key[:150].replace("\x00", "")
        if what == "topic":
            return Topic.objects.filter(slug=key).first()
        if what == "author":
            return Member.objects.visible_to(member).exclude(pk=member.pk).filter(handle=key).first()
        is_number = what == "page" and key.isascii() and key.isdigit() and len(key) < 10
        return shown_entry(member, int(key)) if is_number else None

    @classmethod
    @transaction.atomic
    def begin(cls, member: Member, what: str, target: Any) -> "Follow":
        """Follow it from now on; saying so twice says it once.

        Raises ValidationError where this member follows more than anybody can read.
        """
        Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
        found: Follow | None = cls.objects.filter(member=member, **{f"{what}_id": target.pk}).first()
        if found:
            return found
        if cls.objects.filter(member=member).count() >= cls.MOST:
            raise ValidationError(_("You follow %(n)s things. Stop with one of them first.") % {"n": cls.MOST})
        return cls.objects.create(member=member, **{f"{what}_id": target.pk})

    def end(self) -> None:
        """Hear of it no more."""
        type(self).objects.filter(pk=self.pk).delete()

    # Telling

    @classmethod
    def page_is_new(cls, page: EntryPage) -> None:
        """Have the followers of its topics and of its author told of a page that has come out for the first time."""
        is_copy = (
            page.alias_of_id or Page.objects.filter(translation_key=page.translation_key).exclude(pk=page.pk).exists()
        )
        if not is_copy and cls.objects.of_new(page).exists():
            tell_followers.enqueue(page.pk, 0)

    @classmethod
    def page_has_news(cls, page: Page, actor: Member | None = None) -> None:
        """Have the followers of a page told that there is something new on it; `actor` is who did it."""
        if cls.objects.filter(page=page.pk).exists():
            tell_of_change.enqueue(page.pk, actor.pk if actor else None, 0)

    @classmethod
    @transaction.atomic
    def tell_of_new(cls, key: int, after: int) -> int:
        """Tell some followers of a new page, and leave the next to another task. Told once, nobody is told again."""
        page = entry_that_is_out(key)
        if page is None or not page.is_news:
            return 0
        members = cls._next(cls.objects.of_new(page), after)
        known = set(
            Notice.objects.filter(page=key, kind=NoticeKind.FOLLOWED_NEW, member__in=members).values_list(
                "member", flat=True
            )
        )
        by_topic = set(
            cls.objects.of_new(page).filter(author=None, member__in=members).values_list("member", flat=True)
        )
        told = 0
        for member in members:
            if member.pk in known or member.pk == page.author_id or shown_entry(member, key) is None:
                continue
            if member.pk in by_topic or Member.objects.visible_to(member).filter(pk=page.author_id).exists():
                told += cls._tell(member, NoticeKind.FOLLOWED_NEW, page, page.author)
        if len(members) == cls.AT_ONCE:
            tell_followers.enqueue(key, members[-1].pk)
        return told

    @classmethod
    @transaction.atomic
    def tell_of_change(cls, key: int, actor_id: int | None, after: int) -> int:
        """Tell some followers of a page that there is something new on it; who has not read of the last is let be."""
        page, actor = entry_that_is_out(key), Member.objects.filter(pk=actor_id).first()
        if page is None:
            return 0
        members = cls._next(cls.objects.filter(page=key), after)
        unread = Notice.objects.filter(page=key, kind=NoticeKind.FOLLOWED_CHANGE).unread().unblocked()
        waiting = set(unread.filter(member__in=members).values_list("member", flat=True))
        told = 0
        for member in members:
            if member.pk in {*waiting, actor_id, page.author_id} or shown_entry(member, key) is None:
                continue
            if actor is None or not Block.stands_between(member, actor):
                told += cls._tell(member, NoticeKind.FOLLOWED_CHANGE, page, actor)
        if len(members) == cls.AT_ONCE:
            tell_of_change.enqueue(key, actor_id, members[-1].pk)
        return told

    @classmethod
    def _next(cls, follows: FollowQuerySet, after: int) -> list[Member]:
        """The next members, in the order of their numbers."""
        keys = follows.filter(member__gt=after, member__is_active=True).values("member")
        return list(Member.objects.filter(pk__in=keys).order_by("pk")[: cls.AT_ONCE])

    @staticmethod
    def _tell(member: Member, kind: NoticeKind, page: EntryPage, actor: Member | None) -> int:
        """One row, and no mail of its own: what one follows is mailed together.

        Of what was told in confidence the month alone is known, here as on its page.
        """
        at = timezone.now()
        if getattr(page, "is_confidential", False) and kind == NoticeKind.FOLLOWED_NEW:
            at = timezone.localtime(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        url = page.get_url() or "/"
        Notice.objects.create(member=member, kind=kind, url=url, page_id=page.pk, actor=actor, created_at=at)
        return 1


def entry_that_is_out(key: int) -> Any:
    """A page that is out, as what it is, before anybody is asked whether they may see it."""
    row = Page.objects.filter(pk=key, live=True).only("content_type").first()
    model = row.specific_class if row else None
    is_entry = model is not None and issubclass(model, EntryPage)
    return model.objects.select_related("author").filter(pk=key).first() if model and is_entry else None
