"""What a member does to tell a story: begin, keep, send, take back, throw away, and say later if it still holds."""

from collections import Counter
from datetime import timedelta
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.images import get_image_model
from wagtail.models import Page, PageLogEntry, ReferenceIndex, TaskState, WorkflowState

from community.library.models.licence import Standing
from community.library.models.moderation import ModeratedPage, Review, StoryState, TrustedAuthor, reviews_of
from community.library.models.plain import with_parts
from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.topics.models import forget_words

YEAR = timedelta(days=365)


class ToldPage(ModeratedPage):
    """A page that a member tells in their own words, step by step, without a key to the editing tools."""

    MOST_UNSENT: ClassVar[int] = 20  # begun and never sent
    MOST_WAITING: ClassVar[int] = 5  # with the stewards at one time
    SMALL: ClassVar[int] = 40  # words that a trusted author may change without being read again

    class Meta:
        abstract = True

    # Who may

    @classmethod
    def why_not(cls, member: Member) -> Any:
        """Why this member cannot tell a story under their name, in words; empty where they can."""
        if not member.is_adult:
            return _(
                "A story carries a name, and nobody under 18 is named here. Ask somebody older to tell it for you."
            )
        if not EmailAddress.objects.filter(user=member, verified=True).exists():
            return _("Confirm your e-mail address first: a story carries a name that we know.")
        return ""

    # Verbs

    @classmethod
    @transaction.atomic
    def begin(cls, member: Member, fields: dict[str, Any]) -> Any:
        """Begin a story. Nobody but its author and the people who keep the pages sees it until it is published."""
        Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
        if why := cls.why_not(member):
            raise ValidationError(why)
        begun = cls.objects.filter(author=member, live=False, first_published_at=None)
        if begun.count() >= cls.MOST_UNSENT:
            raise ValidationError(
                _("You have begun %(n)s stories already. Send one, or throw one away.") % {"n": cls.MOST_UNSENT}
            )
        above = cls._list()
        story = cls(author=member, owner=member, live=False, has_unpublished_changes=True, **fields)
        story.slug = above.free_slug(story.title, "story")
        above.add_child(instance=story)
        story.save_revision(user=member, clean=False)
        return story

    @classmethod
    def _list(cls) -> Any:
        """The list in which the story will stand, held so that two at once get two places."""
        above = cls.allowed_parent_page_models()[0].held()
        if above is None:
            raise ValidationError(_("This community has no list of stories yet. Ask a steward."))
        return above

    @transaction.atomic
    def keep(self, by: Member, fields: dict[str, Any], parts: dict[str, Any] | None = None) -> None:
        """Save a step: fields of the page, and parts of the body by name (None takes a part away)."""
        story = self._own(by)
        if story.state == StoryState.WAITING:
            raise ValidationError(_("A steward is reading it. Take it back first, then you can change it."))
        if story.state == StoryState.REFUSED and not story.live:
            raise ValidationError(_("This story was not taken. Copy what you need into a new one."))
        working = story.working
        before = working.serializable_data()
        for name, value in fields.items():
            setattr(working, name, value)
        working.body = with_parts(working.body, parts or {})
        if working.serializable_data() != before:
            working.save_revision(user=by, clean=False, overwrite_revision=story.own_unread_revision(by))

    def own_unread_revision(self, by: Member) -> Any:
        """The newest wording, if nobody but its author has had anything to do with it: then it need not be kept."""
        newest = self.latest_revision
        if newest is None or newest.user_id != by.pk or newest.pk == self.live_revision_id:
            return None
        return None if TaskState.objects.filter(revision=newest).exists() else newest

    @transaction.atomic
    def send(self, by: Member) -> StoryState:
        """Ask for it to be published; a trusted author's small change is published at once. Twice does it once."""
        Member.objects.select_for_update(of=("self",)).get(pk=by.pk)
        story = self._own(by)
        if story.state in {StoryState.WAITING, StoryState.PUBLISHED}:
            return story.state
        if why := self.why_not(by):
            raise ValidationError(why)
        if story.state == StoryState.REFUSED:
            raise ValidationError(_("Change it first: as it is, it was not taken."))
        working = story._ready(by)
        is_small = story.live and (read := story.accepted) is not None and read.is_small_change(working)
        if is_small and TrustedAuthor.objects.filter(member=by).exists():
            story.latest_revision.publish()  # without a name, since no right in the editing tools stands behind it
            return StoryState.PUBLISHED
        story._hand_over(by)
        return StoryState.WAITING

    def _ready(self, by: Member) -> Any:
        """The newest wording with its address, whole; ValidationError says what is missing."""
        working = self.working
        if missing := working.missing:
            raise ValidationError([words for _step, words in missing])
        if self.first_published_at is None and not self.live:
            working.slug = self.get_parent().specific.free_slug(working.title, "story", self)
            if working.slug != self.slug:
                working.save_revision(user=by, clean=False, overwrite_revision=self.own_unread_revision(by))
        working.full_clean()
        return working

    def _hand_over(self, by: Member) -> None:
        """Let the stewards know that something waits.

        The rows of the workflow name nobody who asked: the page has its author, and Wagtail would mail them, too,
        with an address in editing tools to which they have no key.
        """
        waiting = [one for one in type(self).objects.filter(author=by) if one.pk != self.pk]
        reviews = reviews_of(waiting)
        states = [review.status for review in reviews.values()]
        if states.count(WorkflowState.STATUS_IN_PROGRESS) >= self.MOST_WAITING:
            raise ValidationError(
                _("%(n)s stories of yours wait already. Wait until one of them is read.") % {"n": self.MOST_WAITING}
            )
        if self.review and self.state == StoryState.NEEDS_WORK:
            self.review.resume(user=None)
        else:
            Review.workflow(self.get_parent()).start(self, user=None)
        for reader in Review.readers().exclude(pk=by.pk):
            Notice.send(reader, NoticeKind.STORY_WAITS, self.review_url)

    @transaction.atomic
    def take_back(self, by: Member) -> None:
        """Take it out of the stewards' hands, to change it. Twice does it once."""
        story = self._own(by)
        if story.state == StoryState.WAITING:
            story.review.cancel(user=None)

    @transaction.atomic
    def discard(self, by: Member) -> None:
        """Throw away what is not published: the whole story, or the changes to one that is."""
        story = self._own(by)
        if story.live:
            if story.state in {StoryState.WAITING, StoryState.NEEDS_WORK}:
                story.review.cancel(user=None)
            story.save_revision(user=by, clean=False, changed=False)
            type(self).objects.filter(pk=self.pk).update(has_unpublished_changes=False, draft_title=story.title)
        else:
            story.forget_wordings()

    def forget_wordings(self) -> None:
        """Delete what nobody but the author and the stewards has read: old wordings, what was said of them, a draft."""
        key, is_open = self.pk, {WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES}
        if self.review and self.review.status in is_open:
            self.review.cancel(user=None)
        if self.live or self.first_published_at:
            type(self).objects.filter(pk=self.pk).update(has_unpublished_changes=False, draft_title=self.title)
            self.revisions.all().delete()
            forget_words(self.translation_key)
            # The log holds the stewards' words on the story once more.
            PageLogEntry.objects.filter(page=self.pk, action__startswith="wagtail.workflow").delete()
        else:
            pictures = self._own_pictures()
            self.delete()
            PageLogEntry.objects.filter(page=key).delete()  # it holds the title
            for picture in pictures:
                if not is_shown(picture):
                    picture.delete()

    def _own_pictures(self) -> list[Any]:
        """The pictures that its author put up for this story, and that nothing else shows."""
        keys = {self.picture_id, *self.revisions.values_list("content__picture", flat=True)} - {None}
        mine = get_image_model().objects.filter(pk__in=keys, uploaded_by_user=self.author_id)
        this = {"base_content_type": ContentType.objects.get_for_model(Page), "object_id": str(self.pk)}
        return [one for one in mine if not ReferenceIndex.get_references_to(one).exclude(**this).exists()]

    def _own(self, by: Member) -> Any:
        """The story as it stands, held; ValidationError where it is somebody else's."""
        story = self.held()
        if story.author_id != by.pk:
            raise ValidationError(_("This is not your story."))
        return story

    # Still true?

    @transaction.atomic
    def say_whether_true(self, by: Member, standing: str) -> None:
        """Tell the readers, with the month, whether it still holds."""
        story = self._own(by)
        if not story.live or standing not in Standing.values:
            raise ValidationError(_("Choose one of the three answers."))
        type(self).objects.filter(pk=self.pk).update(standing=standing, standing_on=timezone.localdate())

    @classmethod
    def ask_whether_true(cls) -> int:
        """Ask the authors of stories that nobody has touched for a year; one question an author and run."""
        today = timezone.localdate()
        stories = cls.objects.live().filter(last_published_at__lt=timezone.now() - YEAR)
        stories = stories.filter(author__is_active=True, author__is_adult=True).exclude(standing=Standing.PAST)
        stories = stories.exclude(asked_on__gt=today - YEAR).exclude(standing_on__gt=today - YEAR)
        asked: set[int] = set()
        for story in stories.select_related("author").defer("body").order_by("first_published_at", "pk"):
            if story.author_id not in asked:
                asked.add(story.author_id)
                with transaction.atomic():
                    cls.objects.filter(pk=story.pk).update(asked_on=today)
                    Notice.send(story.author, NoticeKind.STORY_STILL_TRUE, story.my_url)
        return len(asked)

    # Queries

    def is_small_change(self, other: Any) -> bool:
        """Whether the other wording differs in a few words only, and in nothing that needs eyes."""
        if any(getattr(self, name) != getattr(other, name) for name in ("outcome", "picture_id", "author_id")):
            return False
        before, after = (Counter(story.plain_text.split()) for story in (self, other))
        return sum(((before - after) + (after - before)).values()) <= self.SMALL

    @property
    def plain_text(self) -> str:
        """All its words, without what makes them look as they do."""
        texts = self.body.stream_block.get_searchable_content(self.body)  # type: ignore[attr-defined]
        return " ".join(map(str, (self.title, self.summary, self.place, self.equipment, self.credit, *texts)))  # type: ignore[attr-defined]


def is_shown(picture: Any) -> bool:
    """Whether any row leads to a picture; asked of the tables, since the index of references is written later."""
    renditions = picture.get_rendition_model()
    links = [link for link in picture._meta.get_fields(include_hidden=True) if link.auto_created and link.one_to_many]
    return any(
        link.related_model._base_manager.filter(**{link.field.name: picture}).exists()
        for link in links
        if link.related_model is not renditions
    )
