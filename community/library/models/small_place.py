"""The small-place guard: who a reader would think of, counted, so that a story told in confidence points to nobody.

Only what members show to each other is counted. That may be fewer people than there are, never more: a story is
then made a little less exact than it need be, which hurts nobody.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from community.library.models.confided import Reach, Words
from community.members.models import Cell, Member, Profile, Statement, Visibility
from community.topics.models import Topic

WIDER_KM = 50
STEM = 5  # letters by which a word is known again: "cheese", "cheeses", "cheesemaker"
EVERYDAY = {"about", "alive", "every", "people", "small", "their", "them", "through", "until", "where", "which", "with"}


def stems(text: str, shortest: int = 4) -> set[str]:
    """The beginnings of the words that mean something."""
    words = re.findall(r"\w+", text.casefold())
    return {word[:STEM] for word in words if len(word) >= shortest and word not in EVERYDAY}


@dataclass(frozen=True)
class Risk:
    """How many members fit what the page would say of its teller, and which step makes it more."""

    number: int
    steps: tuple[str, ...]

    @property
    def is_small(self) -> bool:
        """Whether so few fit that a neighbour would know, and something can still be made wider."""
        return self.number < settings.SMALL_COUNT and bool(self.steps)

    @property
    def shown(self) -> str:
        """The number in words; below five it is not said how many, for a desk has neighbours, too."""
        if self.number < settings.SMALL_COUNT:
            return _("fewer than %(n)s") % {"n": settings.SMALL_COUNT}
        return str(self.number)

    @classmethod
    def of(cls, words: Words, told: Words) -> "Risk":
        """Count who fits the work, the topic and the place that these words would show."""
        trade, topic = str(words.get("trade") or ""), Topic.objects.filter(slug=words.get("topic") or "").first()
        near = _near(words, told)
        people = Profile.objects.filter(member__in=Member.objects.adults()).exclude(open_to=[])
        fields = ("pk", "trade", "place", "place_visibility", "cell_lat", "cell_lon")
        fits = {
            row["pk"]: row["trade"].casefold()
            for row in people.values(*fields)
            if (not trade or stems(trade) and all(stem in row["trade"].casefold() for stem in stems(trade)))
            and near(row)
        }
        if topic:
            fits = _of_topic(topic, fits)
        return cls(len(fits), tuple(_steps(words)))


def _near(words: Words, told: Words) -> Any:
    """A test whether somebody shows a place that fits the place of the words."""
    reach, place = words.get("reach", Reach.PLACE), str(words.get("place") or "").strip()
    if reach in {Reach.REGION, Reach.NONE} or not place:
        return lambda row: True
    centre = Profile.cell_of_place(str(told.get("place") or "") if reach == Reach.WIDER else place)
    limit = WIDER_KM if reach == Reach.WIDER else 0

    def near(row: dict[str, Any]) -> bool:
        if row["place_visibility"] != Visibility.MEMBERS:
            return False
        if centre is not None and row["cell_lat"] is not None:
            return centre.km_to(Cell(row["cell_lat"], row["cell_lon"])) <= limit
        return bool(row["place"].strip().casefold() == place.casefold())

    return near


def _of_topic(topic: Topic, fits: dict[int, str]) -> dict[int, str]:
    """Those whose trade or shown offers have to do with the topic."""
    known = stems(topic.name) | stems(topic.about, STEM)
    shown = Statement.objects.filter(side="offer", visibility=Visibility.MEMBERS, profile__in=list(fits))
    texts = {key: [trade] for key, trade in fits.items()}
    for key, text in shown.values_list("profile", "text"):
        texts[key].append(text.casefold())
    return {key: fits[key] for key, said in texts.items() if any(stem in one for one in said for stem in known)}


def _steps(words: Words) -> list[str]:
    """What can still be made wider, the smallest step first."""
    reach = words.get("reach", Reach.PLACE)
    steps = []
    if words.get("trade"):
        steps.append(_("Leave the work out; the topic says roughly what it is."))
    if words.get("place") and reach == Reach.PLACE:
        steps.append(_("Give a wider place: a valley, a county."))
    if words.get("place") and reach == Reach.WIDER:
        steps.append(_("Say “somewhere in our region”."))
    if words.get("topic"):
        steps.append(_("Leave the topic out."))
    if words.get("place") and reach == Reach.REGION:
        steps.append(_("Leave the place out."))
    return steps
