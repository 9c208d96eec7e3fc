"""What openings give out to a person, and how they forget one."""

import pytest
from django.test import Client
from wagtail.models import Revision

from community.members.models import Member
from community.openings import privacy
from community.openings.models import Application, OpeningPage
from tests.factories import OpeningFactory

pytestmark = pytest.mark.django_db
WORDS = "I have mended two field gates and would like to learn walls."


def test_it_exports_what_was_offered_and_written(member: Member, stranger: Member) -> None:
    OpeningFactory(author=member, title="My own").apply(stranger, WORDS + " Theirs.")
    OpeningFactory(title="Theirs").apply(member, WORDS)
    held = privacy.export(member)
    assert [(row["title"], row["lines"]) for row in held["openings"]] == [
        ("My own", ["lay footings", "set a throughstone"])
    ]
    assert [(row["opening"], row["message"]) for row in held["applications"]] == [("Theirs", WORDS)]


def test_it_forgets_an_applicant(member: Member) -> None:
    OpeningFactory().apply(member, WORDS)
    privacy.erase(member)
    assert not Application.objects.exists()


def test_it_forgets_what_was_written_to_a_poster_whose_page_has_another_author(
    member: Member, stranger: Member
) -> None:
    opening = OpeningFactory(author=member)
    opening.apply(stranger, WORDS)
    OpeningPage.objects.update(author=None)
    privacy.erase(member)
    assert not Application.objects.exists()


def test_it_forgets_a_poster_and_takes_the_opening_off_the_list(
    client: Client, member: Member, stranger: Member
) -> None:
    opening = OpeningFactory(author=member)
    opening.save_revision().publish()
    OpeningPage.objects.update(owner=member)
    opening.apply(stranger, WORDS)
    privacy.erase(member)
    page = OpeningPage.objects.get()
    assert (page.author, page.owner) == (None, None)
    assert not Revision.objects.exists() and not Application.objects.exists()
    assert page.title not in client.get("/openings/").text
    assert "Nobody answers" in client.get(f"/openings/{page.slug}/").text
    for model, paths in privacy.HOLDS.items():
        names = [paths] if isinstance(paths, str) else paths
        assert not any(model.objects.filter(**{path: member}).exists() for path in names)
