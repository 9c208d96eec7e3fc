"""What waits for somebody without e-mail, on paper: each thing stands in one letter, which can be printed again."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Member
from community.notices.models.notice import Notice
from community.notices.models.way import FOR_STEWARDS, SECRET, Way


class LetterQuerySet(models.QuerySet["Letter"]):
    """Who may print a letter."""

    def visible_to(self, viewer: Any) -> "LetterQuerySet":
        """Whoever helps the person, and stewards, as long as the person has no e-mail."""
        return self.filter(member__in=Letter.readers(viewer).values("pk"))

    def editable_by(self, viewer: Any) -> "LetterQuerySet":
        """The same."""
        return self.visible_to(viewer)


class Letter(models.Model):
    """A letter that was printed for somebody without e-mail; what it told are the notices that name it."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="letters")
    printed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    printed_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = LetterQuerySet.as_manager()

    MOST: ClassVar[int] = 20  # things in one letter; the rest stands in the next

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering: ClassVar[list[str]] = ["-printed_at", "-pk"]

    def __str__(self) -> str:
        return f"letter {self.pk} to {self.member_id}"

    @classmethod
    def readers(cls, viewer: Any) -> Any:
        """For whom this viewer may print: adults without e-mail whom they help; for a steward all of them.

        Somebody under 18 gets no letter by this way: what concerns them goes by safeguarding and their guardians.
        """
        if not getattr(viewer, "is_authenticated", False) or not viewer.is_active or not viewer.is_adult:
            return Member.objects.none()
        kept = Member.objects.adults().filter(email=None).unblocked_for(viewer)
        return kept if viewer.is_steward else kept.filter(helper=viewer)

    @classmethod
    def waiting(cls, printer: Any) -> Any:
        """What stands in no letter yet, and may stand in one that this printer puts on paper; the oldest first.

        Nothing that is secret, that a blocked person did, or that is about a page that either of the two does not find.
        """
        rows = Notice.objects.unread().filter(letter=None).exclude(way=Way.NOT_AT_ALL)
        rows = rows.exclude(kind__in=SECRET | FOR_STEWARDS).unblocked().on_pages_of_their_own()
        return rows.readable_by(printer).order_by("created_at", "pk")

    def told(self, printer: Any) -> Any:
        """What stood in it, as far as it may still be told, and this printer may know of it."""
        rows = Notice.objects.filter(letter=self).unblocked().on_pages_of_their_own()
        return rows.readable_by(printer).order_by("created_at", "pk")

    @classmethod
    @transaction.atomic
    def put(cls, member: Member, by: Member, keys: set[int], *, is_wanted: bool = False) -> "Letter | None":
        """Write down that these things are on paper; what stands in a letter already is not put into another.

        `is_wanted`: there is something to tell besides these.

        What whoever helps has put on paper counts as read and is not mailed to them any more, except in a mail that is
        under way at that moment. A steward's letter has none of the words, so it stops no mail, as long as there is
        somebody who gets one. None where nothing was left.
        """
        # Mails are sent behind a lock on whoever gets them, so none begins between what is read here and written.
        held = Member.objects.select_for_update(of=("self",), no_key=True)
        list(held.filter(pk__in=[member.pk, member.helper_id]).order_by("pk").values_list("pk"))
        rows = list(cls.waiting(by).filter(member=member, pk__in=keys).values_list("pk", flat=True)[: cls.MOST])
        if not (rows or is_wanted) or not cls.readers(by).filter(pk=member.pk).exists():
            return None
        letter = cls.objects.create(member=member, printed_by=by)
        own = Notice.objects.filter(pk__in=rows)
        own.update(letter=letter)
        if member.helper_id in {by.pk, None}:
            own.filter(read_at=None).update(read_at=letter.printed_at)
            own.filter(mailed_at=None).update(way=Way.HERE, mail_due_at=None)
        return letter
