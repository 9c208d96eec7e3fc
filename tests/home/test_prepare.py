"""Everything that must be there before the site can start."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from community.members.models import Member, Skill
from home.management.commands import prepare
from home.models import HomePage
from matching import language
from matching.engine.encode import ModelUnsound
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


def prepared() -> str:
    said = StringIO()
    call_command("prepare", stdout=said)
    return said.getvalue()


@pytest.fixture
def asked(db: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which people prepare wanted to bring in."""
    asked: list[str] = []
    Skill.objects.create(label="lay a hedge")  # the vocabulary is there already
    monkeypatch.setattr(language, "prepare", lambda tell: None)
    monkeypatch.setattr(prepare, "build_demo", lambda say: asked.append("demo"))
    monkeypatch.setattr(prepare, "call_command", lambda name, **options: asked.append(name))
    monkeypatch.setattr(prepare, "get_commands", lambda: {"first_steward": "members"})
    return asked


def test_it_plants_the_first_pages_and_says_where_they_are(asked: list[str], settings: Any) -> None:
    settings.DEMO = False
    assert "http://testserver/" in prepared()
    assert HomePage.objects.get(locale__language_code="en-gb").get_children().filter(slug="stories").exists()
    assert "Be kind" in Client().get("/rules/").content.decode()


def test_it_makes_the_model_ready_before_anything_is_read(
    asked: list[str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    monkeypatch.setattr(language, "prepare", lambda tell: asked.append("model") or tell("it is made ready"))
    assert "\nit is made ready\n" in prepared()
    assert asked == ["model", "demo"]


def test_it_stops_with_one_line_where_the_model_is_damaged(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(tell: Any) -> None:
        raise ModelUnsound("the file is damaged")

    monkeypatch.setattr(language, "prepare", fail)
    with pytest.raises(CommandError, match="^the file is damaged$"):
        prepared()
    assert asked == []


def test_it_brings_the_demo_where_nobody_is_yet(asked: list[str], settings: Any) -> None:
    settings.DEBUG = True
    prepared()
    assert asked == ["demo"]


@pytest.mark.parametrize(("debug", "demo"), [(True, False), (False, True)])
def test_it_asks_a_real_community_for_its_first_steward(
    asked: list[str], settings: Any, debug: bool, demo: bool
) -> None:
    settings.DEBUG = debug
    settings.DEMO = demo
    prepared()
    assert asked == ["first_steward"]


def test_it_leaves_a_community_that_has_people_alone(asked: list[str], settings: Any) -> None:
    settings.DEBUG = True
    MemberFactory()
    said = prepared()
    assert asked == []
    assert "scionwood-demo-only" not in said
    assert Member.objects.count() == 1
