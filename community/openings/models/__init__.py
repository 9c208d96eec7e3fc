"""Openings: a place for somebody who wants to learn, and who asked for it."""

from community.openings.models.application import Application, ApplicationReason, Stale
from community.openings.models.listing import OpeningIndexPage
from community.openings.models.opening import LEARNING, OpeningKind, OpeningLine, OpeningPage, OpeningQuerySet
from community.openings.models.paper import Paper, PaperKind
from community.openings.models.posted import Posting
from community.openings.models.settings import OpeningSettings
from community.openings.models.steps import STEPS, ApplicationState, Turn
from community.openings.models.word import Word

__all__ = [
    "LEARNING",
    "STEPS",
    "Application",
    "ApplicationReason",
    "ApplicationState",
    "OpeningIndexPage",
    "OpeningKind",
    "OpeningLine",
    "OpeningPage",
    "OpeningQuerySet",
    "OpeningSettings",
    "Paper",
    "PaperKind",
    "Posting",
    "Stale",
    "Turn",
    "Word",
]
