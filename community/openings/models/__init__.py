"""Openings: a place for somebody who wants to learn, and who asked for it."""

from community.openings.models.application import Application, ApplicationState
from community.openings.models.listing import OpeningIndexPage
from community.openings.models.opening import OpeningKind, OpeningLine, OpeningPage, OpeningQuerySet

__all__ = [
    "Application",
    "ApplicationState",
    "OpeningIndexPage",
    "OpeningKind",
    "OpeningLine",
    "OpeningPage",
    "OpeningQuerySet",
]
