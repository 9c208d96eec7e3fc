"""The words of a story told in confidence, before it is a page: names, order, mark, and how they become a page.

They are kept as one plain dictionary, so that what somebody approved is one thing with one mark.
"""

import hashlib
import json
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from community.library.models.story import CaseStudyPage, Outcome
from community.topics.models import Topic, as_paragraphs


class Reach(models.TextChoices):
    """How widely the page says where it was, from the narrowest on."""

    PLACE = "place", _("As it stands here")
    WIDER = "wider", _("A wider name: a valley, a county")
    REGION = "region", _("Somewhere in our region")
    NONE = "none", _("No place at all")


CHAPTERS: dict[str, Any] = {
    "setting": _("Where we started"),
    "tried": _("What we tried"),
    "happened": _("What happened"),
    "why": _("Why, as we see it"),
    "now": _("What we would do now"),
}
LABELS: dict[str, Any] = {
    "title": _("Title"), "summary": _("In short"), "outcome": _("How it ended"), "trade": _("Work"),
    "topic": _("Topic"), "place": _("Place"), "year": _("Year"), **CHAPTERS,
}  # fmt: skip
Words = dict[str, Any]


def mark_of(words: Words) -> str:
    """A mark that is another one as soon as one letter of the words is."""
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


def shown_place(words: Words) -> str:
    """The place as the page shows it."""
    reach = words.get("reach", Reach.PLACE)
    if reach in {Reach.REGION, Reach.NONE}:
        return str(Reach.REGION.label) if reach == Reach.REGION else ""
    return str(words.get("place", ""))


def shown(words: Words) -> Words:
    """Everything that is or will be on the page, by name, in the order in which it stands there."""
    topic = Topic.objects.filter(slug=words.get("topic") or "").first()
    said = words | {"place": shown_place(words), "topic": topic.name if topic else ""}
    if said.get("outcome") in Outcome.values:
        said["outcome"] = Outcome(said["outcome"]).label
    return {name: str(said[name]) for name in LABELS if said.get(name)}


def lines(words: Words) -> list[tuple[Any, str]]:
    """The same with the labels that people read."""
    return [(LABELS[name], text) for name, text in shown(words).items()]


def missing(words: Words) -> list[Any]:
    """What a page still lacks, by its label."""
    return [LABELS[name] for name in ("title", "summary", "outcome", "tried", "happened") if not words.get(name)]


def require_unnamed(words: Words, told: Words) -> None:
    """What was taken out of the fields for place and work may not stand in the text; ValidationError says which."""
    text = " ".join(str(words.get(name, "")) for name in ("title", "summary", *CHAPTERS)).casefold()
    kept = {shown_place(words).casefold(), str(words.get("trade", "")).casefold()}
    for name in ("place", "trade"):
        gone = str(told.get(name, "")).strip().casefold()
        if gone and gone not in kept and re.search(rf"\b{re.escape(gone)}\b", text):
            raise ValidationError(
                _("You took “%(word)s” out, but it still stands in the text. Take it out there, too.")
                % {"word": told[name]}
            )


def put(words: Words, page: CaseStudyPage, above: Any) -> None:
    """Write the words onto a page that is not saved yet, or onto one that is corrected."""
    page.title = page.draft_title = words["title"]
    page.summary, page.outcome, page.year = words["summary"], words["outcome"], words.get("year") or None
    page.place = shown_place(words)
    if not page.slug:
        page.slug = above.free_slug(page.title, "story")
    chapters = {name: as_paragraphs(str(words.get(name, ""))) for name in CHAPTERS}
    if words.get("trade"):
        work = as_paragraphs(str(_("Work: %(trade)s.") % {"trade": words["trade"]}))
        chapters["setting"] = work + chapters["setting"]
    page.body = [(name, text) for name, text in chapters.items() if text]
    page.topics = Topic.objects.filter(slug=words.get("topic") or "")
