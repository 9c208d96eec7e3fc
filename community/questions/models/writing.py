"""What questions and answers have in common: somebody's words for all to read, changed, taken back or taken away."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Member
from community.trust.models import Hideable, HideableQuerySet

# Ways to somebody's door. Everybody reads this page, somebody under 18 may have asked, and nobody says which.
CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+\.\w|(?:\+|\b00?)[1-9](?:[ ()-]{0,2}\d){7,13}|\b0\d{2,4}/\d{4,}"
    r"|\b(?:wa\.me|t\.me|signal\.me|m\.me|telegram\.me|chat\.whatsapp\.com|discord\.gg)/\S",
    re.IGNORECASE,
)


class WritingState(models.TextChoices):
    """Whether everybody may read it."""

    OPEN = "open", _("Open")
    WITHDRAWN = "withdrawn", _("Taken back by its writer")
    HIDDEN = "hidden", _("Taken away by a steward")


class WritingQuerySet(HideableQuerySet):
    """Which words somebody may read or change."""

    def open(self) -> Self:
        """Neither taken back nor taken away."""
        return self.filter(state=WritingState.OPEN)

    def of(self, member: Any) -> Self:
        """One's own, whatever became of them."""
        return self.filter(member=member)

    def readable_by(self, member: Any) -> Self:
        """Open ones, and those taken away by a steward: for stewards and the writer; nothing passes a block.

        The page and the question on which the words stand are not asked here.
        """
        if not getattr(member, "is_authenticated", False):
            return self.open()
        shown = Q(state=WritingState.OPEN) | Q(state=WritingState.HIDDEN, member=member)
        if member.is_steward:
            shown |= Q(state=WritingState.HIDDEN)
        return self.filter(shown).unblocked_for(member)

    def written_lately(self, member: Member) -> Self:
        """What this member wrote within a day, whatever became of it."""
        return self.filter(member=member, created_at__gt=timezone.now() - timedelta(days=1))


class Writing(Hideable):
    """Plain words of one member, for everybody who may see the page on which they stand."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="%(class)ss",
        help_text="Nobody where the writer has left, and others have answered.",
    )  # fmt: skip
    state = models.CharField(max_length=9, choices=WritingState.choices, default=WritingState.OPEN)
    hidden_why = models.CharField(_("why"), max_length=300, blank=True)
    key = models.UUIDField(null=True, blank=True, help_text="The form that sent it; sent again, it does nothing.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    edited_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = WritingQuerySet.as_manager()
    wagtail_reference_index_ignore = True  # the editors' lists of what uses a page would quote what was taken back
    WORDS: ClassVar[tuple[str, ...]] = ("text",)
    HIDDEN: ClassVar[Q] = Q(state=WritingState.HIDDEN)

    # What a page says of the writer; `name_writers` knows it for each reader.
    who = ""
    who_url = ""
    is_tellers = False

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Words, and no way to somebody's door among them."""
        wrong = {}
        for name in self.WORDS:
            words = getattr(self, name)
            if words and not any(letter.isalpha() for letter in words):
                wrong[name] = _("Write it in words.")
            elif CONTACT.search(words):
                wrong[name] = _("Everybody can read this. Leave out e-mail addresses and telephone numbers.")
        if wrong:
            raise ValidationError(wrong)

    def clean_words(self) -> None:
        """Judge the words alone; whether they stand here already is for the verbs to say."""
        self.full_clean(validate_unique=False, validate_constraints=False)

    @staticmethod
    def hold(member: Member) -> None:
        """Whoever sends twice at the same moment waits here for themselves; inside a transaction only."""
        Member.objects.select_for_update(no_key=True).get(pk=member.pk)

    # Mutators

    def change(self, **words: str) -> None:
        """The writer puts it in other words; that it was changed is shown."""
        for name, text in words.items():
            setattr(self, name, text.strip())
        self.clean_words()
        own = type(self)._default_manager.filter(pk=self.pk, state=WritingState.OPEN)
        now = {name: getattr(self, name) for name in self.WORDS}
        if not own.update(**now, edited_at=timezone.now()):
            raise ValidationError(_("This was taken away meanwhile. It cannot be changed any more."))
        self.refresh_from_db()

    def withdraw(self) -> None:
        """The writer takes it back; doing it twice changes nothing."""
        own = type(self)._default_manager.filter(pk=self.pk)
        own.exclude(state=WritingState.WITHDRAWN).update(state=WritingState.WITHDRAWN)
        self.refresh_from_db()

    def _turn(self, rows: "models.QuerySet[Any]", is_hidden: bool, reason: str) -> int:
        """What its writer has taken back stays taken back; the reason for hiding is for its writer to read."""
        if is_hidden:
            return rows.filter(state=WritingState.OPEN).update(
                state=WritingState.HIDDEN, hidden_why=reason.strip()[:300]
            )
        return rows.update(state=WritingState.OPEN, hidden_why="")

    # Queries

    @property
    def is_open(self) -> bool:
        """Whether everybody may read it who sees the page."""
        return self.state == WritingState.OPEN

    @property
    def is_hidden(self) -> bool:
        """Whether a steward has taken it away."""
        return self.state == WritingState.HIDDEN


def name_writers(rows: Iterable[Writing], viewer: Any, teller: Member | None = None, *, linked: bool = False) -> None:
    """Say of each row who wrote it, as this viewer may know: members read names, visitors the page's teller's alone.

    Nobody under 18 and nobody who has left is named. Where names are `linked`, only to pages that the viewer finds.
    """
    found = [row for row in rows if row.member and row.member.is_active and row.member.is_adult]
    if not getattr(viewer, "is_authenticated", False):
        found = [row for row in found if row.member == teller]
    for row in found:
        row.who, row.is_tellers = str(row.member.name), row.member == teller  # type: ignore[union-attr]
    others = {row.member_id for row in found if linked and row.member_id != getattr(viewer, "pk", None)}
    shown = set(Member.objects.visible_to(viewer).filter(pk__in=others).values_list("pk", flat=True)) if others else ()
    for row in found:
        row.who_url = row.member.get_absolute_url() if row.member_id in shown else ""  # type: ignore[union-attr]
