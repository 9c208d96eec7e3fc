"""The receipt: what is left of a story told in confidence once nobody is known any more, a code and a page."""

import re
import secrets
import uuid
from datetime import date, timedelta
from typing import Any, ClassVar

from django.contrib.auth.hashers import check_password, make_password
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from wagtail.models import PageLogEntry

from community.library.models import confided, forgotten
from community.library.models.listing import StoryIndexPage
from community.library.models.story import CaseStudyPage
from community.trust.registry.erasing import leave_traces

CONSONANTS, VOWELS = "BDFGHJKLMNPRSTVZ", "AIOU"
GROUPS, FINDING = 6, 2  # groups in a code, and how many of them only find the row: the others prove it
MONDAY = 0


def code_of(token: str) -> str:
    """The code that belongs to a form: six groups of five letters, consonants and vowels in turn, 96 bits.

    It is made from a random word in the form, so that a form that is sent twice shows its code twice, and no place
    has to keep the code until it is read. Nobody can make the code without the form and the site's secret key.
    """
    number = int.from_bytes(salted_hmac("receipt", token, algorithm="sha256").digest()[:12], "big")
    groups = [number >> 16 * place & 0xFFFF for place in reversed(range(GROUPS))]
    return "-".join(
        CONSONANTS[g >> 12] + VOWELS[g >> 10 & 3] + CONSONANTS[g >> 6 & 15] + VOWELS[g >> 4 & 3] + CONSONANTS[g & 15]
        for g in groups
    )


def as_code(text: str) -> str:
    """What somebody typed as a code, whatever they put between the letters; letters that look alike are put right."""
    letters = re.sub(r"[^A-Z0-9]", "", text.upper().replace("0", "O").replace("1", "I"))[: 5 * GROUPS + 1]
    # Consonants and vowels take turns, so an L in the place of a vowel was an I.
    right = [("I" if at % 5 in {1, 3} and one == "L" else one) for at, one in enumerate(letters)]
    return "-".join("".join(right[at : at + 5]) for at in range(0, len(right), 5))


def halves(code: str) -> tuple[str, str]:
    """The part of a code that finds its row, and the part that opens it."""
    groups = code.split("-")
    return "-".join(groups[:FINDING]), "-".join(groups[FINDING:])


class Receipt(models.Model):
    """What somebody holds who told a story in confidence: a code opens it, and no name stands in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    finder = models.CharField(max_length=11, unique=True, help_text="The first two groups of the code.")
    code_hash = models.CharField(max_length=200, help_text="A slow hash of the other four.")
    waiting = models.JSONField(null=True, help_text="The approved words, until they are released.")
    release_on = models.DateField(null=True)
    page = models.OneToOneField(CaseStudyPage, null=True, on_delete=models.CASCADE, related_name="receipt")

    HELD: ClassVar[timedelta] = timedelta(days=2)  # so at least one whole day lies between acceptance and release

    def __str__(self) -> str:
        return "a receipt"

    # The code

    @classmethod
    def issue(cls, code: str) -> "Receipt":
        """A new receipt for this code; the code itself is kept nowhere."""
        finder, rest = halves(code)
        return cls.objects.create(finder=finder, code_hash=make_password(rest))

    @classmethod
    def of(cls, code: str) -> "Receipt | None":
        """The receipt that belongs to a code, or None."""
        finder, rest = halves(code)
        found = cls.objects.select_related("page").filter(finder=finder).first()
        return found if found and check_password(rest, found.code_hash) else None

    @classmethod
    def find(cls, typed: str) -> "Receipt | None":
        """The receipt that somebody opens with what they typed; what opens nothing takes just as long."""
        code = as_code(typed)
        if not cls.objects.filter(finder=halves(code)[0]).exists():
            make_password(halves(code)[1])
            return None
        return cls.of(code)

    # From acceptance to the page

    def seal(self, words: dict[str, Any]) -> None:
        """Keep the approved words until the next release: a Monday, two days away or more, whatever hour it is now."""
        free = timezone.localdate() + self.HELD
        self.waiting, self.release_on = words, free + timedelta(days=(MONDAY - free.weekday()) % 7)
        self.save(update_fields=["waiting", "release_on"])

    @classmethod
    def release_due(cls, on: date | None = None) -> int:
        """Publish all that is due in one go and in random order, so that order and hour tell nothing."""
        due = list(cls.objects.filter(release_on__lte=on or timezone.localdate()).values_list("pk", flat=True))
        secrets.SystemRandom().shuffle(due)
        return sum(cls._release(key) for key in due)

    @classmethod
    @transaction.atomic
    def _release(cls, key: uuid.UUID) -> int:
        above = StoryIndexPage.held()
        one = cls.objects.select_for_update(of=("self",)).filter(pk=key, waiting__isnull=False).first()
        if one is None or above is None:
            return 0
        page = one.page or CaseStudyPage(owner=None, author=None, is_confidential=True, live=False)
        confided.put(one.waiting or {}, page, above)
        if one.is_taken_off:
            page.save()  # the words are put right, and it stays off: an editor had a reason
        else:
            if page.pk is None:
                above.add_child(instance=page)
            page.save_revision(user=None, log_action=False).publish(user=None, log_action=False)
        one._coarsen(page.pk)
        one.page_id, one.waiting, one.release_on = page.pk, None, None
        one.save(update_fields=["page", "waiting", "release_on"])
        leave_traces()
        return 1

    def _coarsen(self, key: int) -> None:
        """Nothing on the page tells a day: its dates are the first of the month, and earlier versions are gone."""
        page = CaseStudyPage.objects.get(pk=key)
        month = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        PageLogEntry.objects.filter(page_id=key).delete()
        page.revisions.all().delete()
        first = min(month, page.first_published_at) if self.page_id else month
        CaseStudyPage.objects.filter(pk=key).update(
            first_published_at=first, last_published_at=month, latest_revision_created_at=None,
            latest_revision=None, live_revision=None, has_unpublished_changes=False, owner=None,
        )  # fmt: skip

    @property
    def is_taken_off(self) -> bool:
        """Whether there is a page, and an editor has taken it off."""
        return self.page is not None and not self.page.live

    # Afterwards

    @transaction.atomic
    def withdraw(self) -> None:
        """Take everything back: what lies at the desk, the words that wait, the page, and the receipt itself.

        Twice does it once.
        """
        if story := getattr(self, "story", None):
            # The story before the receipt, as the desk takes them: two at once wait for each other, and never both.
            type(story).objects.select_for_update(of=("self",)).filter(pk=story.pk).first()
            story.let_go()
        one = type(self).objects.select_for_update(of=("self",)).filter(pk=self.pk).first()
        if one and one.page:
            key = one.page.pk
            # Wagtail writes the title of what is deleted into its records.
            one.page.title = one.page.draft_title = "–"
            one.page.delete()
            PageLogEntry.objects.filter(page_id=key).delete()
        type(self).objects.filter(pk=self.pk).delete()
        forgotten.note(forgotten.WITHDRAWN, self.pk)
        leave_traces()
