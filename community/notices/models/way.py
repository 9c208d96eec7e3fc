"""By which way a member hears of what happened: on the site always, by mail as they like."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Way(models.TextChoices):
    """How somebody hears of one kind of thing."""

    AT_ONCE = "at_once", pgettext_lazy("how mail comes", "A mail at once")
    TOGETHER = "together", pgettext_lazy("how mail comes", "By mail, together with other news")
    HERE = "here", pgettext_lazy("how mail comes", "No mail; only here")
    NOT_AT_ALL = "not_at_all", pgettext_lazy("how mail comes", "Not at all")


# What is good to know and asks for nothing: it may come together with other things, or not at all.
NEWS = frozenset(
    {"answer_accepted", "circle_fits", "circle_joined", "circle_minutes", "co_tester_joined", "enrolment_received",
     "followed_change", "followed_new", "gathering_feedback", "gathering_later", "meeting_noted", "playbook_adopted",
     "question_routed", "skill_passed_on", "story_published", "story_still_true", "trial_received"}
)  # fmt: skip
# Of these, what comes together unless a member wants it otherwise.
TOGETHER = frozenset(
    {"answer_accepted", "circle_fits", "co_tester_joined", "followed_change", "followed_new", "playbook_adopted",
     "trial_received"}
)  # fmt: skip
# What must reach people wherever they are, and why; of these the mail cannot be switched off.
ALWAYS: dict[str, Promise] = {
    "application_held": _("Somebody under 18 waits for it."),
    "gathering_called_off": _("Nobody should stand before a closed door."),
    "gathering_changed": _("Nobody should come on the wrong day or to the wrong place."),
    "message_held": _("Somebody under 18 waits for it."),
    "message_reported": _("Nobody reads what you wrote without your knowing it."),
    "report_received": _("Somebody may be in danger."),
}
# Whether somebody gets these must stand nowhere: it would say who told something in confidence.
SECRET = frozenset({"desk_news"})
# By the clock, a few hours before something that the member has a seat at: it is of no use later.
PROMPT = frozenset({"gathering_reminder"})
# What only stewards hear of.
FOR_STEWARDS = frozenset(
    {"application_held", "desk_waits", "gathering_waits", "message_held", "opening_waits", "report_received",
     "story_waits"}
)  # fmt: skip
# Under which heading a kind stands, by the first word of its name.
HEADINGS: tuple[tuple[Promise, frozenset[str]], ...] = (
    (_("People you meet"), frozenset({"agreement", "check", "connection", "meeting", "message", "pair"})),
    (_("Circles"), frozenset({"circle", "minutes", "poll"})),
    (_("Places to learn, and openings"), frozenset({"application", "opening", "skill"})),
    (_("Gatherings"), frozenset({"enrolment", "gathering", "seat", "waiting"})),
    (_("Questions and tries"), frozenset({"answer", "co", "playbook", "question", "trial"})),
    (_("What you told"), frozenset({"story"})),
    (_("What you follow"), frozenset({"followed"})),
    (_("What you reported"), frozenset({"report"})),
)


def heading_of(kind: str) -> Promise:
    """The heading under which a member finds this kind."""
    if kind in FOR_STEWARDS:
        return _("Your work as a steward")
    word = kind.partition("_")[0]
    return next((heading for heading, words in HEADINGS if word in words), _("Other things"))


def ways_of(kind: str) -> list[Way]:
    """What a member may choose for this kind; none where there is nothing to choose."""
    if kind in ALWAYS or kind in SECRET:
        return []
    return list(Way) if kind in NEWS else [Way.AT_ONCE, Way.HERE]


def usual_way(kind: str) -> Way:
    """How a member hears of this kind who said nothing."""
    return Way.TOGETHER if kind in TOGETHER else Way.AT_ONCE
