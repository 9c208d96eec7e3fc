"""How long a question waits, how long two may be quiet, how much one person is asked: a community's numbers."""

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


def number(
    label: Any, default: int, least: int, most: int, help_text: Any
) -> "models.PositiveSmallIntegerField[int, int]":
    """A number with its limits, and what it means in plain words."""
    return models.PositiveSmallIntegerField(
        label, default=default, help_text=help_text, validators=[MinValueValidator(least), MaxValueValidator(most)]
    )


@register_setting(icon="group")
class ConnectionSettings(BaseGenericSetting):
    """The numbers that keep people who ask from waiting in vain, and people who help from being asked too much."""

    # Asking and answering
    open_requests = number(
        _("questions that one person may have waiting"), 5, 1, 20,
        _("Whoever has so many waits for an answer, or takes one back."),
    )  # fmt: skip
    choices = number(
        _("people whom one may name in order"), 5, 1, 10,
        _("If the first does not answer, the next is asked by itself. 1: nobody is asked by itself."),
    )  # fmt: skip
    weekly_requests = number(
        _("new questions that one person gets in seven days"), 10, 1, 100,
        _("For whoever has not set a number of their own."),
    )  # fmt: skip
    answer_days = number(
        _("days for an answer"), 7, 2, 60,
        _("Both see this day. After it the question goes on to whoever was named next, with a kind word to both."),
    )  # fmt: skip
    remind_days = number(
        _("days before that at which to remind"), 2, 1, 30, _("One reminder, to whoever was asked.")
    )  # fmt: skip
    later_days = number(
        _("days of a “not now”"), 30, 1, 365,
        _("Whoever says “not now” can name another day. From it on the question can be asked again."),
    )  # fmt: skip
    later_wait_days = number(
        _("days for asking again"), 14, 1, 90, _("Counted from that day. Then the question is closed, kindly.")
    )  # fmt: skip

    # Pairs
    first_nudge_days = number(
        _("quiet days before the first reminder"), 7, 1, 90,
        _("Two people who said yes and do nothing here: whoever's turn it is gets a word."),
    )  # fmt: skip
    second_nudge_days = number(
        _("quiet days before the second reminder"), 14, 2, 120, _("The same, once more.")
    )  # fmt: skip
    third_nudge_days = number(
        _("quiet days before the third reminder"), 21, 3, 150, _("Both get a word. It says what comes next.")
    )  # fmt: skip
    release_days = number(
        _("quiet days after which a pair is released"), 28, 4, 365,
        _("The place is free for somebody else. Whoever did their part gets the credit."),
    )  # fmt: skip
    first_check_in_days = number(
        _("days until the first check-in"), 30, 7, 365, _("Both are asked how it goes: a number and a word.")
    )  # fmt: skip
    check_in_days = number(_("days between check-ins"), 60, 7, 365, _("Counted from the last one."))

    # Waiting for a mentor
    offer_days = number(
        _("days for which a free place is kept"), 3, 1, 30,
        _("Whoever is next on a mentor's waiting list has so long to take it. Then the one after is asked."),
    )  # fmt: skip

    # Stewards, and links in mails
    steward_days = number(
        _("days after which stewards see a question that waits"), 5, 1, 60,
        _("They see who waits for whom and since when, and no word of it."),
    )  # fmt: skip
    call_days = number(
        _("days of rest after a call"), 14, 1, 90,
        _("After a steward has called a pair, it is not on the list for so long."),
    )  # fmt: skip
    link_days = number(
        _("days for which a link in a mail answers"), 7, 1, 7,
        _("With it one says yes or no without signing in. Never more than seven."),
    )  # fmt: skip

    PARTS: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]] = (
        (
            _("Asking and answering"),
            ("open_requests", "choices", "weekly_requests", "answer_days", "remind_days", "later_days",
             "later_wait_days"),
        ),
        (
            _("Two people under way"),
            ("first_nudge_days", "second_nudge_days", "third_nudge_days", "release_days", "first_check_in_days",
             "check_in_days"),
        ),
        (_("Waiting for a mentor"), ("offer_days",)),
        (_("Stewards, and links in mails"), ("steward_days", "call_days", "link_days")),
    )  # fmt: skip
    panels: ClassVar[list[Any]] = [
        MultiFieldPanel([FieldPanel(name) for name in names], heading=heading) for heading, names in PARTS
    ]

    class Meta:
        verbose_name = _("connections")

    def clean(self) -> None:
        """A reminder comes before what it reminds of."""
        if self.remind_days >= self.answer_days:
            raise ValidationError({"remind_days": _("This must be less than the days for an answer.")})
        steps = [*self.nudge_days, self.release_days]
        if steps != sorted(set(steps)):
            raise ValidationError({"release_days": _("Each of the reminders must come later than the one before.")})

    @classmethod
    def now(cls) -> Self:
        """The numbers in force; those of the product where nobody has set any. Nothing is written by asking."""
        return cls.objects.first() or cls()

    @property
    def nudge_days(self) -> list[int]:
        """After how many quiet days a word is said, in order."""
        return [self.first_nudge_days, self.second_nudge_days, self.third_nudge_days]

    @property
    def answer_window(self) -> timedelta:
        """How long somebody has to answer."""
        return timedelta(days=self.answer_days)
