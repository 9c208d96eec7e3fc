"""People: the account, what one shows, offers and needs, and whom one keeps away."""

from community.members.models.block import Block
from community.members.models.cell import Cell, distance_band
from community.members.models.contact import has_contact
from community.members.models.draft import Draft
from community.members.models.erasure import Erasure
from community.members.models.glances import Glances
from community.members.models.member import Member
from community.members.models.name import clean_name, skeleton
from community.members.models.profile import (
    LANGUAGES,
    OpenTo,
    Profile,
    Role,
    SeasonName,
    Visibility,
    profile_changed,
)
from community.members.models.rules import Rules
from community.members.models.skill import Skill
from community.members.models.statement import Statement, StatementKind, StatementSide

__all__ = [
    "LANGUAGES",
    "Block",
    "Cell",
    "Draft",
    "Erasure",
    "Glances",
    "Member",
    "OpenTo",
    "Profile",
    "Role",
    "Rules",
    "SeasonName",
    "Skill",
    "Statement",
    "StatementKind",
    "StatementSide",
    "Visibility",
    "clean_name",
    "distance_band",
    "has_contact",
    "profile_changed",
    "skeleton",
]
