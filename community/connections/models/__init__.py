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

__all__ = [
    "WISHES",
    "Connection",
    "ConnectionKind",
    "ConnectionQuerySet",
    "ConnectionState",
    "LearningPlan",
    "PlanSkill",
    "Rating",
    "on_side",
]
