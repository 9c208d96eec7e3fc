"""Gatherings: when and where people meet, and who has a seat."""

from community.gatherings.models.calendar_key import CalendarKey
from community.gatherings.models.feedback import Feedback
from community.gatherings.models.gathering import GatheringKind, GatheringPage, GatheringQuerySet
from community.gatherings.models.listing import GatheringIndexPage
from community.gatherings.models.message import Audience, Message
from community.gatherings.models.posting import Posting
from community.gatherings.models.recurrence import Every, Recurrence
from community.gatherings.models.registration import Registration
from community.gatherings.models.seats import GatheringMode, RegistrationState, Seats
from community.gatherings.models.session import Session

__all__ = [
    "Audience",
    "CalendarKey",
    "Every",
    "Feedback",
    "GatheringIndexPage",
    "GatheringKind",
    "GatheringMode",
    "GatheringPage",
    "GatheringQuerySet",
    "Message",
    "Posting",
    "Recurrence",
    "Registration",
    "RegistrationState",
    "Seats",
    "Session",
]
