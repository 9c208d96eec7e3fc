"""Connections: two people who agreed to meet, and what one of them learns from the other."""

from community.connections.models.agreement import TERMS, Agreement
from community.connections.models.answers import WISHES
from community.connections.models.certificate import Certificate
from community.connections.models.check_in import CheckIn, Mark
from community.connections.models.choice import NextChoice
from community.connections.models.closing import Closing, Reached
from community.connections.models.connection import Connection, ConnectionQuerySet, on_side, skill_key
from community.connections.models.enclosure import Enclosure
from community.connections.models.excerpt import Excerpt
from community.connections.models.health import Health
from community.connections.models.limits import Full
from community.connections.models.mail_link import MailLink
from community.connections.models.meeting import Meeting
from community.connections.models.note import Note
from community.connections.models.passed_on import PassedOn
from community.connections.models.plan import LearningPlan, PlanSkill, Rating
from community.connections.models.settings import ConnectionSettings
from community.connections.models.stepping import Stale
from community.connections.models.steps import (
    OVER,
    STANDING,
    STEPS,
    TEACHING,
    UNDER_WAY,
    WAITING,
    ClosingReason,
    ConnectionKind,
    ConnectionState,
    DeclineReason,
    Step,
    Turn,
)
from community.connections.models.thread import Message, thread_of
from community.connections.models.wait import Wait, WaitState
from community.connections.models.watching import RESTS, CallReason

__all__ = [
    "RESTS",
    "TERMS",
    "Agreement",
    "Certificate",
    "CheckIn",
    "Mark",
    "Closing",
    "Reached",
    "MailLink",
    "Meeting",
    "OVER",
    "STANDING",
    "STEPS",
    "TEACHING",
    "UNDER_WAY",
    "WAITING",
    "WISHES",
    "ClosingReason",
    "Connection",
    "ConnectionKind",
    "ConnectionQuerySet",
    "ConnectionSettings",
    "ConnectionState",
    "DeclineReason",
    "Full",
    "Enclosure",
    "Excerpt",
    "Health",
    "CallReason",
    "LearningPlan",
    "Message",
    "NextChoice",
    "Note",
    "PassedOn",
    "PlanSkill",
    "Rating",
    "Stale",
    "Step",
    "Turn",
    "Wait",
    "WaitState",
    "on_side",
    "skill_key",
    "thread_of",
]
