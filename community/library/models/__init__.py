"""The library: what producers tried, and what came of it."""

from community.library.models.adoption import Adoption, AdoptionQuerySet
from community.library.models.collection import Collected, CollectionItem, CollectionPage
from community.library.models.conditions import BudgetBand, Climate, Scale, Soil
from community.library.models.desk import DeskMessage, DeskState, DeskStory
from community.library.models.lesson import Difficulty, LessonPage
from community.library.models.licence import Licence, Standing
from community.library.models.listing import StoryIndexPage
from community.library.models.log import LogPage, LogQuerySet, LogState
from community.library.models.moderation import Review, StoryState, TrustedAuthor, reviews_of
from community.library.models.nomination import Nomination, UsefulFailure
from community.library.models.playbook import PlaybookPage
from community.library.models.progress import LessonDone, Progress
from community.library.models.reading import Reading, read
from community.library.models.receipt import Receipt
from community.library.models.rollup import RollUp, Tally, roll_up
from community.library.models.series import SeriesPage, SeriesPart
from community.library.models.shelf import CollectionIndexPage, LessonIndexPage, LogIndexPage, PlaybookIndexPage
from community.library.models.story import CaseStudyPage, Outcome, StoryQuerySet
from community.library.models.tester import CoTester
from community.library.models.trial import Trial, TrialOutcome, TrialQuerySet
from community.library.models.tried import TriedPage
from community.library.models.update import LogUpdate

__all__ = [
    "Adoption",
    "AdoptionQuerySet",
    "BudgetBand",
    "CaseStudyPage",
    "Climate",
    "CoTester",
    "Collected",
    "CollectionIndexPage",
    "CollectionItem",
    "CollectionPage",
    "DeskMessage",
    "DeskState",
    "DeskStory",
    "Difficulty",
    "LessonDone",
    "LessonIndexPage",
    "LessonPage",
    "Licence",
    "LogIndexPage",
    "LogPage",
    "LogQuerySet",
    "LogState",
    "LogUpdate",
    "Nomination",
    "Outcome",
    "PlaybookIndexPage",
    "PlaybookPage",
    "Progress",
    "Reading",
    "Receipt",
    "Review",
    "RollUp",
    "Scale",
    "SeriesPage",
    "SeriesPart",
    "Soil",
    "Standing",
    "StoryIndexPage",
    "StoryQuerySet",
    "StoryState",
    "Tally",
    "Trial",
    "TrialOutcome",
    "TrialQuerySet",
    "TriedPage",
    "TrustedAuthor",
    "UsefulFailure",
    "read",
    "reviews_of",
    "roll_up",
]
