"""A page that a member writes in a form, without a key to the editing tools, and that a steward reads first."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.topics.models import as_text


class Posting(models.Model):
    """What is known of such a page beside it, in no wording of it: since when it waits, and who has read it."""

    waits_since = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, max_length=2000, help_text="What a steward said to it.")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    wagtail_reference_index_ignore = True

    class Meta:
        abstract = True


class PostedPage:
    """What such pages share; whom a steward vouches for publishes at once, unless it was taken down.

    Not a model itself: a page class stands on it, and names its notices, its addresses and its row of `Posting`.
    """

    MOST_WAITING: ClassVar[int] = 5
    WAITS: ClassVar[NoticeKind]  # tells stewards that somebody wrote one
    ANSWERED: ClassVar[NoticeKind]  # tells its author that a steward read it
    NOT_YOURS: ClassVar[Any] = _("This is not yours.")

    @property
    def postings(self) -> Any:
        """Its one row of `Posting`, as a QuerySet."""
        raise NotImplementedError

    @property
    def review_url(self) -> str:
        """Where a steward reads it."""
        raise NotImplementedError

    @property
    def edit_url(self) -> str:
        """Where its author changes it."""
        raise NotImplementedError

    # Verbs

    def hand_in(self, by: Member, revision: Any, *, at_once: bool) -> None:
        """Publish this wording, or let the stewards know that it waits; they hear of it once.

        What was taken down, or is locked, stays so until a steward says otherwise, whoever writes it.
        """
        if at_once and not self.is_taken_down:
            revision.publish()  # without a name, since no right in the editing tools stands behind it
            self.postings.update(waits_since=None, note="")
            return
        self.postings.update(note="")
        if self.postings.filter(waits_since=None).update(waits_since=timezone.now()):
            for steward in Member.objects.filter(is_steward=True, is_active=True).exclude(pk=by.pk):
                Notice.send(steward, self.WAITS, self.review_url)

    @transaction.atomic
    def judge(self, by: Member, version: int, accepts: bool, note: str = "") -> None:
        """A steward publishes the wording that they have read, or says what is missing; its author hears of it."""
        page = self._held(type(self)._default_manager.decidable_by(by))  # type: ignore[attr-defined]
        if page is None or page.version != version or page.posting.waits_since is None:
            raise ValidationError(_("It was changed or answered in the meantime. Look at it again."))
        if not accepts and not note.strip():
            raise ValidationError(_("Say what is missing, so that they know what to do."))
        if accepts:
            page.latest_revision.publish()
        page.postings.update(waits_since=None, note=note.strip()[:2000], answered_by=by)
        Notice.send(page.author, self.ANSWERED, page.edit_url)

    def own(self, by: Member) -> Any:
        """The page as it stands, held; ValidationError where it is somebody else's."""
        page = self._held(type(self)._default_manager.editable_by(by))  # type: ignore[attr-defined]
        if page is None:
            raise ValidationError(self.NOT_YOURS)
        return page

    def _held(self, pages: Any) -> Any:
        # Not the key: whoever takes a seat holds the seats already, and refers to this row only then.
        return pages.select_for_update(of=("self",), no_key=True).filter(pk=self.pk).first()  # type: ignore[attr-defined]

    # Queries

    @property
    def version(self) -> int:
        """The number of the newest wording."""
        return int(self.latest_revision_id or 0)  # type: ignore[attr-defined]

    @property
    def working(self) -> Any:
        """The newest wording, published or not."""
        return self.get_latest_revision_as_object() if self.version else self  # type: ignore[attr-defined]

    @property
    def is_taken_down(self) -> bool:
        """Whether an editor has taken it from the site, or locked it: only a steward then lets it out again."""
        page: Any = self
        return bool(page.locked or (not page.live and page.first_published_at is not None))

    @property
    def plain_text(self) -> str:
        """What it is about, as it is typed in a form."""
        return as_text(str(self.text))  # type: ignore[attr-defined]

    def keeps_its_form(self, name: str, value: Any) -> bool:
        """Whether a text has the same words still: then it keeps the form that an editor gave it."""
        return name == "text" and as_text(value) == as_text(str(self.text))  # type: ignore[attr-defined]
