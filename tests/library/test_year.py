"""The year in which something was: what is said where it cannot be right."""

import pytest

from community.library.forms.adoption import AdoptionForm
from community.library.forms.desk import ConfideForm, DeskForm
from community.library.forms.tell import StartForm
from community.library.forms.trial import TrialForm
from community.library.forms.year import YearField
from community.library.models import CaseStudyPage
from community.members.models import Member
from tests.conftest import signed_in
from tests.factories import StoryFactory

pytestmark = pytest.mark.django_db
HOW = "Write the year with four digits"


@pytest.mark.parametrize("typed", ["last year", "19", "20 24", "-5", "9" * 10_000, "1\x000", "20.5", "²⁰¹⁹"])
def test_it_says_how_a_year_is_written(typed: str, member: Member) -> None:
    page = signed_in(member).post("/stories/tell/", {"title": "Wet clay", "outcome": "mixed", "year": typed}).text
    said = HOW in page or "This year has not come yet." in page
    assert said and "Ensure this value" not in page and "Wet clay" in page
    assert not CaseStudyPage.objects.exists()


def test_a_year_that_is_to_come_is_refused_and_one_long_ago_for_a_try(member: Member) -> None:
    story = StoryFactory()
    for year, words in (("2190", "has not come yet"), ("1850", f"{HOW}, from 1900 on")):
        page = signed_in(member).post(f"{story.url}tried/", {"outcome": "worked", "year": year}).text
        assert words in page, year
    page = signed_in(member).post("/stories/tell/", {"title": "Wet clay", "outcome": "mixed", "year": "2190"}).text
    assert "has not come yet" in page


def test_every_form_of_the_library_asks_for_it_in_the_same_way() -> None:
    for form in (AdoptionForm, ConfideForm, DeskForm, StartForm, TrialForm):
        assert isinstance(form.base_fields["year"], YearField), form
