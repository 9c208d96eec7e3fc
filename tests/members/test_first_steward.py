"""The first account, and the vocabulary."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from community.members.models import Member, Skill
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
WORDS = "a long enough pass phrase"


def make(monkeypatch: Any, password: str = WORDS, **options: Any) -> None:
    """Run the command with a password on standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("first_steward", password_from_stdin=True, **options)


def test_it_makes_somebody_who_can_sign_in_and_do_everything(monkeypatch: Any) -> None:
    make(monkeypatch, email="Stella@example.org", name="Stella Ward")
    stella = Member.objects.get(email="stella@example.org")
    assert stella.is_superuser and stella.is_steward and stella.is_staff and stella.is_adult
    browser = Client()
    browser.post("/accounts/login/", {"login": "stella@example.org", "password": WORDS})
    assert browser.get("/cms/").status_code == 200


def test_it_lifts_an_account_that_is_there(monkeypatch: Any) -> None:
    who = MemberFactory(name="Alma", email="alma@example.org", is_adult=False)
    make(monkeypatch, email="alma@example.org")
    who.refresh_from_db()
    assert who.is_superuser and who.is_adult and Member.objects.count() == 1


@pytest.mark.parametrize(
    "options", [{"email": "nonsense", "name": "A"}, {"email": "a@example.org", "name": "123"},
                {"email": "a@example.org", "name": "Ann", "password": "short"}, {}]
)  # fmt: skip
def test_it_says_in_one_line_what_is_wrong(monkeypatch: Any, options: dict[str, Any]) -> None:
    with pytest.raises(CommandError) as error:
        make(monkeypatch, **options)
    assert "\n" not in str(error.value) and not Member.objects.exists()


def test_it_loads_the_vocabulary_once() -> None:
    call_command("load_skills")
    count = Skill.objects.count()
    assert count > 10_000 and Skill.objects.filter(label="manage musical staff").exists()
    assert Skill.load() == 0 and Skill.objects.count() == count
    assert "This service uses the ESCO classification of the European Commission." in Skill.VOCABULARY.read_text(
        "utf-8"
    )
