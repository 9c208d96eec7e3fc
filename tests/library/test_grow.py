"""An experiment or a try that becomes a story of its own, and the way back from the story."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from community.library.models import CaseStudyPage, LogPage, LogUpdate
from community.library.models.plain import text_of
from community.members.models import Block, Member
from tests.conftest import signed_in
from tests.factories import LogFactory, MemberFactory, SeasonFactory, StoryFactory, TopicFactory, TrialFactory
from tests.library.test_story_queries import queries

pytestmark = pytest.mark.django_db


def saw(log: Any, days_ago: int, text: str = "Four leaves with holes.", **more: Any) -> LogUpdate:
    day = timezone.localdate() - timedelta(days=days_ago)
    return LogUpdate(log=log, day=day, text=text, **more).put()


def grow(client: Client, log: Any, outcome: str = "mixed") -> Any:
    return client.post(f"/experiments/{log.slug}/story/", {"outcome": outcome})


def let_everybody_read(story: CaseStudyPage) -> CaseStudyPage:
    story.latest_revision.publish()
    story.refresh_from_db()
    return story


def test_an_experiment_becomes_a_draft_with_what_was_asked_done_and_seen(as_member: Client, member: Member) -> None:
    log = LogFactory(author=member, measured="Holes & <leaves>", season=SeasonFactory(), topics=[TopicFactory()])
    saw(log, 9, measure="Leaves with holes, of 50", amount="limed 4, bare 17" + "x" * 90), saw(log, 2, "Rain.")
    assert "Make a story of it" in as_member.get(log.url).content.decode()
    assert as_member.get(f"/experiments/{log.slug}/story/").status_code == 200
    answer = grow(as_member, log, "failure")
    story = CaseStudyPage.objects.get()
    assert answer.url == f"/stories/tell/{story.pk}/start/"
    assert not story.live and story.author == member and story.state == "draft"
    working = story.working
    assert (working.title, working.outcome, working.place) == (log.title, "failure", log.place)
    assert working.year == timezone.localdate().year and working.season == log.season
    assert [topic.pk for topic in working.topics.all()] == [topic.pk for topic in log.topics.all()]
    tried, happened = text_of(working.body, "tried"), text_of(working.body, "happened")
    assert log.question in tried and "Bed one: limed" in tried and "Holes & <leaves>" in tried
    assert "Four leaves with holes." in happened and happened.index("Four leaves") < happened.index("Rain.")
    (figure,) = next(part.value["figures"] for part in working.body if part.block_type == "evidence")
    assert figure["measure"] == "Leaves with holes, of 50" and figure["after"].startswith("limed 4, bare 17")
    for step in ("start", "tried", "happened", "figures"):
        assert as_member.get(f"/stories/tell/{story.pk}/{step}/").status_code == 200
    story.keep(member, {"licence": "by"})
    assert story.send(member) == "waiting"  # whole, as it stands


def test_it_grows_once_and_for_whoever_began_it_alone(as_member: Client, member: Member, as_stranger: Client) -> None:
    log = LogFactory(author=member)
    saw(log, 1)
    assert grow(as_stranger, log).status_code == 404 and grow(Client(), log).url.startswith("/accounts/login/")
    assert "Make a story of it" not in as_stranger.get(log.url).content.decode()
    assert grow(as_member, log).url == grow(as_member, log, "success").url
    assert CaseStudyPage.objects.count() == 1
    CaseStudyPage.objects.get().discard(member)
    assert LogPage.objects.get().grown_into is None
    assert grow(as_member, log).status_code == 302 and CaseStudyPage.objects.count() == 1


@pytest.mark.parametrize("odd", ["", "great", "\x00", "9" * 10_000])
def test_it_asks_how_it_ended(as_member: Client, member: Member, odd: str) -> None:
    log = LogFactory(author=member)
    answer = grow(as_member, log, odd)
    assert answer.status_code == 422 and "How did it end?" in answer.content.decode()
    assert not CaseStudyPage.objects.exists()


def test_who_may_not_tell_reads_why(minor: Member) -> None:
    log = LogFactory(author=minor)
    answer = grow(signed_in(minor), log)
    assert answer.status_code == 422 and "nobody under 18 is named" in answer.content.decode()
    assert "Make a story of it" not in signed_in(minor).get(log.url).content.decode()


def test_a_long_log_is_cut_where_a_chapter_is_full_and_says_so(as_member: Client, member: Member) -> None:
    log = LogFactory(author=member)
    for day in range(6):
        saw(log, day, f"Day {day}: " + "rain and slugs " * 150)
    grow(as_member, log)
    story = CaseStudyPage.objects.get()
    happened = text_of(story.working.body, "happened")
    assert len(happened) <= 8000 and happened.endswith("The other notes stand in the log of the experiment.")


def test_the_story_leads_back_and_the_experiment_on(as_member: Client, member: Member) -> None:
    log = LogFactory(author=member)
    saw(log, 1)
    grow(as_member, log)
    story = CaseStudyPage.objects.get()
    assert "It has become a story" not in Client().get(log.url).content.decode()  # nobody may read it yet
    let_everybody_read(story)
    html = Client().get(story.url).content.decode()
    assert "This grew out of an experiment" in html and log.title in html and log.url in html
    assert f"{story.url}" in Client().get(log.url).content.decode()
    LogPage.objects.get().unpublish()
    assert "This grew out of" not in Client().get(story.url).content.decode()


def test_a_try_and_its_story_know_each_other_as_far_as_one_may_see(member: Member, stranger: Member) -> None:
    trial = TrialFactory(member=member, learned="It dried.", changed="We limed it.")
    story = trial.grow(CaseStudyPage)
    story.keep(member, {"summary": "It dried.", "licence": "by"})
    story = let_everybody_read(CaseStudyPage.objects.get(pk=story.pk))
    html = Client().get(story.url).content.decode()
    assert "This grew out of a try of" in html and trial.get_absolute_url() in html
    CaseStudyPage.objects.filter(pk=story.pk).update(author=stranger)  # given to somebody else
    assert trial.get_absolute_url() not in Client().get(story.url).content.decode()
    CaseStudyPage.objects.filter(pk=story.pk).update(author=member)
    trial.hide(MemberFactory(is_steward=True), "It names a neighbour.")
    assert trial.get_absolute_url() not in Client().get(story.url).content.decode()


def test_a_block_hides_the_page_that_was_tried(member: Member, stranger: Member) -> None:
    told = StoryFactory(author=MemberFactory())
    trial = TrialFactory(member=member, page=told, learned="It dried.", changed="We limed it.")
    story = trial.grow(CaseStudyPage)
    story.keep(member, {"summary": "It dried.", "licence": "by"})
    story = let_everybody_read(CaseStudyPage.objects.get(pk=story.pk))
    Block.objects.create(blocker=told.author, blocked=stranger)
    html = signed_in(stranger).get(story.url).content.decode()
    assert "This grew out of" not in html and told.url not in html


def test_pages_with_roots_ask_at_most_12_times(as_member: Client, member: Member, as_stranger: Client) -> None:
    log = LogFactory(author=member)
    saw(log, 1)
    grow(as_member, log)
    story = let_everybody_read(CaseStudyPage.objects.get())
    for client in (Client(), as_stranger, as_member):
        for page in (story, log):
            asked = queries(page.url, client)
            assert len(asked) <= 12, "\n".join(asked)
