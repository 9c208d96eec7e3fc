"""The most useful failure of the year: nominating one, what stewards read and name, and what nobody learns."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from community.library import privacy
from community.library.models import CaseStudyPage, Nomination, UsefulFailure
from community.members.models import Block, Member
from community.notices.models import Notice
from tests.factories import MemberFactory, StoryFactory

pytestmark = pytest.mark.django_db
WHY, URL, MARK = "I would have limed before ploughing, too.", "/steward/failures/", "Most useful failure of"
YEAR = timezone.localdate().year


@pytest.fixture
def story() -> CaseStudyPage:
    return StoryFactory(title="Cheese that blew", outcome="failure")


def post(client: Client, story: CaseStudyPage, **changed: Any) -> Any:
    data = {"why": WHY, "form_key": str(uuid.uuid4())} | changed
    return client.post(f"/stories/{story.slug}/nominate/", data)


def nominated(story: CaseStudyPage, number: int = 3) -> CaseStudyPage:
    for n in range(number):
        Nomination.put(story, MemberFactory(), f"{WHY} {n}")
    return story


def test_it_is_said_once_a_year_and_nobody_hears_of_it(as_member: Client, member: Member, story: CaseStudyPage) -> None:
    assert f"/stories/{story.slug}/nominate/" in as_member.get(story.url).text
    assert post(as_member, story).status_code == 302
    assert post(as_member, story, why="It taught me to wait.").status_code == 302
    one = Nomination.objects.get()
    assert (one.member, one.page_id, one.year, one.why) == (member, story.pk, YEAR, "It taught me to wait.")
    assert not Notice.objects.exists()
    form = as_member.get(f"/stories/{story.slug}/nominate/").text
    assert "It taught me to wait." in form and "Take my nomination back" in form
    assert "It taught me" not in Client().get(story.url).text


def test_it_moves_to_another_story(as_member: Client, story: CaseStudyPage) -> None:
    other = StoryFactory(title="A kiln that cracked", outcome="failure")
    post(as_member, story)
    assert "you nominated “Cheese that blew”" in as_member.get(f"/stories/{other.slug}/nominate/").text
    PageViewRestriction.objects.create(page=story, restriction_type=PageViewRestriction.PASSWORD, password="x")
    shut = as_member.get(f"/stories/{other.slug}/nominate/").text
    assert "Cheese that blew" not in shut and "you nominated another story" in shut
    post(as_member, other)
    assert Nomination.objects.get().page_id == other.pk


def test_it_can_be_taken_back(as_member: Client, story: CaseStudyPage) -> None:
    post(as_member, story)
    for _twice in range(2):
        assert as_member.post(f"/stories/{story.slug}/nominate/take-back/").status_code == 302
    assert not Nomination.objects.exists()


def test_ones_own_story_and_one_that_worked_are_refused(member: Member, as_member: Client) -> None:
    own = StoryFactory(outcome="failure", author=member)
    for page, word in ((own, "You told this yourself"), (StoryFactory(outcome="mixed"), "did not fail")):
        answer = post(as_member, page)
        assert answer.status_code == 409 and word in answer.text and WHY in answer.text
        assert f"/stories/{page.slug}/nominate/" not in as_member.get(page.url).text
        with pytest.raises(ValidationError):
            Nomination.put(page, member, WHY)
    assert not Nomination.objects.exists()


@pytest.mark.parametrize("wrong", ["", "   ", "x" * 301, "x" * 10_000, "a\x00b"])
def test_it_says_what_is_wrong_and_changes_nothing(as_member: Client, story: CaseStudyPage, wrong: str) -> None:
    answer = post(as_member, story, why=wrong)
    assert answer.status_code == 200 and "error" in answer.text
    assert len(wrong) < 302 or wrong in answer.text
    assert not Nomination.objects.exists()


def test_it_is_for_members_who_see_the_story(as_member: Client, member: Member) -> None:
    story = StoryFactory(outcome="failure", author=MemberFactory())
    assert post(Client(), story)["Location"].startswith("/accounts/login/")
    Block.put(story.author, member)
    assert post(as_member, story).status_code == 404
    assert as_member.post(f"/stories/{story.slug}/nominate/take-back/").status_code == 404
    assert not Nomination.objects.exists()


# What stewards see


def test_stewards_see_what_three_have_nominated_with_words_and_no_name(
    as_steward: Client, as_member: Client, story: CaseStudyPage
) -> None:
    nominated(story, 2)
    assert "Cheese that blew" not in as_steward.get(URL).text
    Nomination.put(story, MemberFactory(name="Third Voice"), "I stopped in time.")
    page = as_steward.get(URL).text
    assert "Cheese that blew" in page and "3 nominations" in page and "I stopped in time." in page
    assert "Third Voice" not in page and "Cheese that blew" not in as_steward.get(f"{URL}?year={YEAR - 1}").text
    for away in (as_member, Client()):
        assert away.get(URL).status_code == 404 and away.post(URL, {"page": story.pk}).status_code == 404


def test_the_one_that_is_named_bears_a_mark(as_steward: Client, steward: Member, story: CaseStudyPage) -> None:
    nominated(story)
    assert MARK not in Client().get(story.url).text and MARK not in Client().get("/stories/").text
    assert as_steward.post(URL, {"page": story.pk, "year": YEAR}).status_code == 302
    one = UsefulFailure.objects.get()
    assert (one.page_id, one.year, one.named_by) == (story.pk, YEAR, steward)
    assert f"{MARK} {YEAR}" in Client().get(story.url).text
    assert Client().get("/stories/").text.count(f"{MARK} {YEAR}") == 1
    assert not Notice.objects.exists()
    as_steward.post(URL, {"page": "", "year": YEAR})
    assert not UsefulFailure.objects.exists() and MARK not in Client().get(story.url).text


def test_another_that_is_named_takes_the_mark_over(steward: Member, story: CaseStudyPage) -> None:
    other = nominated(StoryFactory(outcome="failure"))
    UsefulFailure.name(nominated(story), YEAR, steward)
    UsefulFailure.name(other, YEAR, steward)
    assert UsefulFailure.objects.get().page_id == other.pk


@pytest.mark.parametrize("key", ["few", "none", "9" * 40, "-1", "²", "x\x00", "own"])
def test_only_a_story_of_the_list_can_be_named(as_steward: Client, steward: Member, key: str) -> None:
    few, own = StoryFactory(outcome="failure"), StoryFactory(outcome="failure", author=steward)
    nominated(few, 2), nominated(own)
    answer = as_steward.post(URL, {"page": {"few": few.pk, "own": own.pk}.get(key, key), "year": YEAR}, follow=True)
    assert answer.status_code == 200 and "cannot be named just now" in answer.text
    assert not UsefulFailure.objects.exists() and own.title not in as_steward.get(URL).text


@pytest.mark.parametrize("year", [YEAR - 2, YEAR + 1, 0])
def test_only_this_year_and_the_last_are_open(steward: Member, member: Member, story: CaseStudyPage, year: int) -> None:
    nominated(story)
    Nomination.objects.update(year=year)
    with pytest.raises(ValidationError):
        UsefulFailure.name(story, year, steward)
    Nomination.objects.update(year=YEAR)
    with pytest.raises(ValidationError):
        UsefulFailure.name(story, YEAR, member)


def test_it_counts_nobody_across_a_block_or_who_has_left(as_steward: Client, steward: Member) -> None:
    story = nominated(StoryFactory(title="Bees in a wet box", outcome="failure", author=MemberFactory()), 5)
    first, second, third = Member.objects.filter(pk__in=Nomination.objects.values("member")).order_by("pk")[:3]
    Block.put(steward, first)
    page = as_steward.get(URL).text
    assert f"{WHY} 0" not in page and "5 nominations" in page
    Block.put(story.author, second)
    Member.objects.filter(pk=third.pk).update(is_active=False)
    page = as_steward.get(URL).text
    assert "3 nominations" in page and f"{WHY} 1" not in page and f"{WHY} 2" not in page


def test_a_story_told_in_confidence_is_linked_with_nobody(as_steward: Client, member: Member) -> None:
    story = StoryFactory(title="What we sprayed", outcome="failure")
    CaseStudyPage.objects.filter(pk=story.pk).update(is_confidential=True, author=None)
    Nomination.put(CaseStudyPage.objects.get(pk=story.pk), member, WHY)  # whoever it was that told it
    nominated(CaseStudyPage.objects.get(pk=story.pk), 2)
    assert "What we sprayed" in as_steward.get(URL).text
    as_steward.post(URL, {"page": story.pk, "year": YEAR})
    page = Client().get(story.url).text
    assert f"{MARK} {YEAR}" in page and "Alma Field" not in page
    assert not Notice.objects.exists() and member.name not in as_steward.get(URL).text


def test_a_story_that_goes_takes_all_of_it_along(steward: Member, story: CaseStudyPage) -> None:
    UsefulFailure.name(nominated(story), YEAR, steward)
    CaseStudyPage.objects.get(pk=story.pk).delete()
    assert not Nomination.objects.exists() and not UsefulFailure.objects.exists()


def test_it_is_exported_and_erased(steward: Member, member: Member, story: CaseStudyPage) -> None:
    Nomination.put(story, member, WHY)
    UsefulFailure.name(nominated(story), YEAR, steward)
    assert privacy.export(member)["failures you nominated"] == [{"story": story.title, "year": YEAR, "why": WHY}]
    privacy.erase(member)
    privacy.erase(steward)
    assert Nomination.objects.count() == 3 and UsefulFailure.objects.get().named_by is None


def test_it_asks_as_often_for_20_as_for_10(as_steward: Client) -> None:
    asked = []
    for _ten in range(2):
        for _one in range(10):
            nominated(StoryFactory(outcome="failure"))
        as_steward.get(URL)
        with CaptureQueriesContext(connection) as queries:
            assert as_steward.get(URL).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 12


def test_the_form_asks_little(as_member: Client, story: CaseStudyPage) -> None:
    post(as_member, story)
    as_member.get(f"/stories/{story.slug}/nominate/")
    with CaptureQueriesContext(connection) as queries:
        as_member.get(f"/stories/{story.slug}/nominate/")
    assert len(queries) <= 12, "\n".join(one["sql"] for one in queries.captured_queries)
