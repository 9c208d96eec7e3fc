"""Gatherings: when and where people meet, and who has a seat."""

from community.gatherings.models.gathering import GatheringKind, GatheringMode, GatheringPage, GatheringQuerySet
from community.gatherings.models.listing import GatheringIndexPage
from community.gatherings.models.seats import Registration, RegistrationState, Seats

__all__ = [
    "GatheringIndexPage",
    "GatheringKind",
    "GatheringMode",
    "GatheringPage",
    "GatheringQuerySet",
    "Registration",
    "RegistrationState",
    "Seats",
]
