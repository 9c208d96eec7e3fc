"""The library: what producers tried, and what came of it."""

from community.library.models.listing import StoryIndexPage
from community.library.models.story import CaseStudyPage, Outcome, StoryQuerySet

__all__ = ["CaseStudyPage", "Outcome", "StoryIndexPage", "StoryQuerySet"]
