"""What was found, in the form in which pages and commands show it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wagtail.models import Page

from community.gatherings.models import GatheringPage
from community.library.models import CaseStudyPage
from community.members.models import Member
from community.openings.models import OpeningPage

Pieces = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it is what was asked for."""

DETAILS: Mapping[type[Page], tuple[str, ...]] = {
    GatheringPage: ("starts_at", "zone", "place"),
    OpeningPage: ("closes_on", "place"),
    CaseStudyPage: ("outcome", "place"),
}
"""What is shown of a page of a kind, beside its title and a sentence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One page that may help, with the sentence that fits best.

    Attributes:
        page: its title and address.
        is_sure: whether it deals with what was asked, and not perhaps only.
        detail: what DETAILS says of its kind.
    """

    page: Page
    kind: type[Page]
    score: float
    is_sure: bool
    sentence: Pieces = ()
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The kind in one word, as commands and templates name it."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.kind.__name__.removesuffix("Page")).lower()

    @property
    def label(self) -> str:
        """The kind as people call it."""
        return str(self.kind._meta.verbose_name)


@dataclass(frozen=True, slots=True)
class Known:
    """One person who may help, with those of their lines that say so."""

    member: Member
    score: float
    reasons: tuple[Pieces, ...]

    @property
    def lines(self) -> list[str]:
        """The lines as their owner wrote them."""
        return ["".join(piece for piece, _is_marked in reason) for reason in self.reasons]


@dataclass(slots=True)
class Answers:
    """All that was found, best first in each group."""

    pages: list[Answer] = field(default_factory=list)
    gatherings: list[Answer] = field(default_factory=list)
    openings: list[Answer] = field(default_factory=list)
    people: list[Known] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.pages or self.gatherings or self.openings or self.people)

    @property
    def is_sure(self) -> bool:
        """Whether anything deals with what was asked, and not perhaps only."""
        return bool(self.people) or any(one.is_sure for one in (*self.pages, *self.gatherings, *self.openings))
