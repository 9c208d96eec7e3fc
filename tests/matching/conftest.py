"""A small community in which it is known who should meet whom."""

from collections.abc import Callable, Iterator

import pytest

from community.members.models import Member, Statement
from matching import refresh
from tests.factories import MemberFactory, StatementFactory
from tests.matching.planted import WordEncoder


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[WordEncoder]:
    """Similarities by shared words, in place of the language model."""
    planted = WordEncoder()
    monkeypatch.setattr(refresh, "encoder", lambda: planted)
    yield planted


Says = Callable[..., Statement]


@pytest.fixture
def says(db: None) -> Says:
    """says(member, "need", "graft old apple trees") writes one line of a member."""

    def write(who: Member, side: str, text: str, **fields: object) -> Statement:
        line: Statement = StatementFactory(profile=who.profile, side=side, text=text, **fields)
        return line

    return write


@pytest.fixture
def grafter(says: Says) -> Member:
    """Somebody who can teach grafting and looks for a hand with hay."""
    who: Member = MemberFactory(name="Greta Graft")
    says(who, "offer", "graft old apple trees")
    says(who, "need", "a hand with the hay in June")
    return who


@pytest.fixture
def learner(says: Says) -> Member:
    """Somebody who wants to learn grafting and can make hay."""
    who: Member = MemberFactory(name="Lio Learner")
    says(who, "need", "learn to graft apple trees")
    says(who, "offer", "a hand with hay making in June")
    return who


@pytest.fixture
def smith(says: Says) -> Member:
    """Somebody with nothing to do with either."""
    who: Member = MemberFactory(name="Sam Smith")
    says(who, "offer", "forge gate hinges from mild steel")
    says(who, "need", "keep the books of a workshop")
    return who
