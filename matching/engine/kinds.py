"""The kinds of match, as one plain table: who must have agreed to what, and which side's wishes count.

A new kind is one entry here; hard rules, scores, reasons and the contract tests read the entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which wishes decide a kind."""

    ASKER_NEEDS = "asker_needs"
    """The asker's needs are met by the candidate's offers."""
    CANDIDATE_NEEDS = "candidate_needs"
    """The candidate's needs are met by the asker's offers."""
    BOTH = "both"
    """Each has something for the other: both directions count, one's own a little more."""
    SHARED_NEEDS = "shared_needs"
    """The two want to learn the same: needs are compared with needs."""


class Room(StrEnum):
    """Whose free capacity a kind uses up."""

    CANDIDATE = "candidate"
    ASKER = "asker"
    NOBODY = "nobody"


class Relation(StrEnum):
    """What two texts are to each other; each has weights of its own."""

    WISH = "wish"
    """A stated need, and a person who may meet it."""
    COLD = "cold"
    """A stated need, and a profile that lists nothing: all is read from its text."""
    LIKENESS = "likeness"
    """The whole profile of somebody who stated no need, and a person near to it."""
    NAME = "name"
    """Two names of one thing."""
    ASK = "ask"
    """A question or a problem in somebody's words, and the title of what deals with it."""


@dataclass(frozen=True, slots=True)
class MatchKind:
    """One kind of match.

    Attributes:
        name: the key in `KINDS`, as in addresses and commands.
        consent: what must stand in the candidate's `open_to`.
        direction: whose needs are held against whose offers.
        must_teach: only offers that can be taught count.
        room: whose capacity must be above 0.
        relation: what a stated need and the line that meets it are to each other.
    """

    name: str
    consent: str
    direction: Direction
    must_teach: bool
    room: Room
    relation: Relation = Relation.WISH


KINDS: Mapping[str, MatchKind] = {
    kind.name: kind
    for kind in (
        MatchKind("mentor", "mentor", Direction.ASKER_NEEDS, must_teach=True, room=Room.CANDIDATE),
        MatchKind("apprentice", "apprentice", Direction.CANDIDATE_NEEDS, must_teach=True, room=Room.ASKER),
        MatchKind("collaborator", "collaborator", Direction.BOTH, must_teach=False, room=Room.NOBODY),
        MatchKind("peer", "peer", Direction.SHARED_NEEDS, must_teach=False, room=Room.NOBODY, relation=Relation.NAME),
        MatchKind("opening", "opening", Direction.ASKER_NEEDS, must_teach=True, room=Room.CANDIDATE),
    )
}
"""Kind by name. An opening is a Person whose offers are what one learns there, open to "opening"; the
people for an opening are the kind apprentice with the opening as asker."""


class UnknownKind(ValueError):
    """There is no such kind of match; the message lists those there are."""


def kind_named(name: str) -> MatchKind:
    """Return the kind of that name.

    Raises:
        UnknownKind: there is none.
    """
    try:
        return KINDS[name]
    except KeyError:
        known = ", ".join(KINDS)
        raise UnknownKind(f"There is no kind of match called {name!r}: choose one of {known}.") from None


LOOK_UP = MatchKind("look_up", "", Direction.ASKER_NEEDS, must_teach=False, room=Room.NOBODY, relation=Relation.NAME)
"""Names by what they mean: ranks anything laid out as a Person, and never suggests anybody."""

ASK = MatchKind("ask", "", Direction.ASKER_NEEDS, must_teach=False, room=Room.NOBODY, relation=Relation.ASK)
"""Pages by what they deal with, in the same way."""

ASK_PEOPLE = MatchKind("ask_people", "", Direction.ASKER_NEEDS, must_teach=False, room=Room.NOBODY)
"""People by what they offer, for a question that somebody typed; never suggests anybody."""
