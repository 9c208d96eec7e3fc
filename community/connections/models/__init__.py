"""Connections: two people who agreed to meet, and what one of them learns from the other."""

from community.connections.models.connection import (
    WISHES,
    Connection,
    ConnectionKind,
    ConnectionQuerySet,
    ConnectionState,
    on_side,
)
from community.connections.models.plan import LearningPlan, PlanSkill, Rating
from community.connections.models.settings import ConnectionSettings

__all__ = [
    "WISHES",
    "Connection",
    "ConnectionKind",
    "ConnectionQuerySet",
    "ConnectionSettings",
    "ConnectionState",
    "LearningPlan",
    "PlanSkill",
    "Rating",
    "on_side",
]
