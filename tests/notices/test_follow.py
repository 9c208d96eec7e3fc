"""To follow a topic, a person, a page: who hears of what, once, and that nobody else learns of it."""

import json

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import PageViewRestriction

from community.gatherings.models import GatheringPage, Recurrence
from community.gatherings.models.recurrence import Every
from community.library.models import CaseStudyPage, CollectionItem, LogUpdate, Receipt
from community.members.models import Block, Member
from community.notices.models import Follow, Notice, NoticeKind
from community.notices.tasks import tell_followers, tell_of_change
from community.topics.models import Topic
from community.trust.registry import declarations
from community.trust.registry.erasing import erase
from tests.conftest import signed_in
from tests.factories import (
    CollectionFactory,
    GatheringFactory,
    LogFactory,
    MemberFactory,
    StoryFactory,
    TopicFactory,
    TrialFactory,
)
from tests.library.test_story_queries import queries

pytestmark = pytest.mark.django_db

OURS = {tell_followers.module_path: tell_followers, tell_of_change.module_path: tell_of_change}


def work() -> int:
    """Do what waits for the worker, and what that leaves for it; counts the tasks."""
    done = 0
    while row := DBTaskResult.objects.ready().filter(task_path__in=OURS).first():
        OURS[row.task_path].call(*row.args_kwargs["args"])
        row.delete()
        done += 1
    return done


def told(member: Member) -> list[str]:
    """What a member reads under Notices of what they follow."""
    rows = Notice.objects.visible_to(member).filter(kind__startswith="followed")
    return [row.lines[0] for row in rows.order_by("pk")]


@pytest.fixture
def soil(db: None) -> Topic:
    return TopicFactory(slug="soil", name="Soil")


def test_it_is_one_button_on_a_page_that_each_page_leads_to(member: Member, stranger: Member, soil: Topic) -> None:
    story, browser = StoryFactory(title="Lime on clay", author=stranger, topics=[soil]), signed_in(member)
    address = f"/notices/follow/?page={story.pk}"
    assert address in browser.get(story.url).content.decode()
    page = browser.get(address).content.decode()
    for words in ("Lime on clay", "Everything that Bruno Stray tells", "Everything on Soil"):
        assert words in page
    for what in (f"page-{story.pk}", f"author-{stranger.pk}", f"topic-{soil.pk}", f"topic-{soil.pk}"):
        assert browser.post(address, {"what": what})["Location"] == address
    assert Follow.objects.filter(member=member).count() == 3
    page = browser.get("/notices/following/").content.decode()
    assert "Lime on clay" in page and "Bruno Stray" in page and "Soil" in page
    for row in Follow.objects.filter(member=member):
        assert browser.post(f"/notices/following/{row.pk}/stop/").status_code == 302
    assert (
        not Follow.objects.exists() and "You follow nothing yet" in browser.get("/notices/following/").content.decode()
    )


def test_it_can_be_done_from_a_topic_and_from_somebody_too(member: Member, stranger: Member, soil: Topic) -> None:
    browser = signed_in(member)
    for address, what in ((f"author={stranger.handle}", f"author-{stranger.pk}"), ("topic=soil", f"topic-{soil.pk}")):
        assert browser.post(f"/notices/follow/?{address}", {"what": what}).status_code == 302
    assert Follow.objects.filter(member=member).count() == 2


def test_it_wants_somebody_who_is_signed_in(soil: Topic) -> None:
    for address in ("/notices/follow/?topic=soil", "/notices/following/"):
        assert Client().get(address)["Location"].startswith("/accounts/login/?next=/notices/follow")
    assert Client().post("/notices/follow/?topic=soil", {"what": f"topic-{soil.pk}"}).status_code == 302
    assert not Follow.objects.exists()


@pytest.mark.parametrize("key", ["", "\x00", "9" * 30, "-1", "٣", "x" * 10_000, "1 OR 1=1", "'\""])
@pytest.mark.parametrize("what", ["page", "author", "topic"])
def test_it_finds_nothing_by_odd_words(as_member: Client, what: str, key: str) -> None:
    assert as_member.get("/notices/follow/", {what: key}).status_code == 404


def test_it_changes_nothing_for_what_is_not_on_the_page(as_member: Client, member: Member, soil: Topic) -> None:
    story = StoryFactory(topics=[soil])
    for what in ("", "page-0", f"author-{member.pk}", "topic-999999999999999999999", "\x00", "page-" + "9" * 5000):
        assert as_member.post(f"/notices/follow/?page={story.pk}", {"what": what}).status_code == 422
    assert not Follow.objects.exists()


def test_it_offers_nothing_that_one_may_not_see(member: Member, stranger: Member, minor: Member) -> None:
    shut = StoryFactory(author=stranger)
    young = StoryFactory(author=minor)
    shut.unpublish()
    Block.put(stranger, member)
    browser = signed_in(member)
    for address in (
        f"page={shut.pk}",
        f"author={stranger.handle}",
        f"author={minor.handle}",
        f"author={member.handle}",
    ):
        assert browser.get(f"/notices/follow/?{address}").status_code == 404
    assert browser.post(f"/notices/follow/?page={young.pk}", {"what": f"author-{minor.pk}"}).status_code == 422
    assert "Everything that" not in browser.get(f"/notices/follow/?page={young.pk}").content.decode()


def test_it_has_an_end(member: Member, soil: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Follow, "MOST", 0)
    answer = signed_in(member).post("/notices/follow/?topic=soil", {"what": f"topic-{soil.pk}"})
    assert answer.status_code == 422 and "Stop with one of them first" in answer.content.decode()


def test_somebody_elses_cannot_be_stopped_or_seen(
    member: Member, as_stranger: Client, as_steward: Client, soil: Topic
) -> None:
    row = Follow.begin(member, "topic", soil)
    for browser in (as_stranger, as_steward):
        assert browser.post(f"/notices/following/{row.pk}/stop/").status_code == 404
        assert "Soil" not in browser.get("/notices/following/").content.decode()
    assert Follow.objects.exists()


# --- New pages ------------------------------------------------------------------------------------------------


def test_it_tells_once_of_a_new_page_by_topic_and_by_person(member: Member, stranger: Member, soil: Topic) -> None:
    by_topic, by_both = MemberFactory(), MemberFactory()
    Follow.begin(member, "author", stranger)
    Follow.begin(by_topic, "topic", soil)
    Follow.begin(by_both, "topic", soil)
    Follow.begin(by_both, "author", stranger)
    Follow.begin(stranger, "topic", soil)
    story = StoryFactory(title="Lime on clay", author=stranger, topics=[soil])
    assert work() == 1
    for one in (member, by_topic, by_both):
        assert told(one) == ["New on what you follow: Lime on clay"]
    assert told(stranger) == [] and mail.outbox == []
    assert "New on what you follow: Lime on clay" in signed_in(member).get("/notices/").content.decode()
    tell_followers.call(story.pk, 0)
    story.unpublish()
    CaseStudyPage.objects.get(pk=story.pk).save_revision().publish()
    assert work() == 0 and Notice.objects.filter(kind=NoticeKind.FOLLOWED_NEW).count() == 3


def test_it_tells_of_gatherings_too(member: Member, soil: Topic) -> None:
    Follow.begin(member, "topic", soil)
    gathering = GatheringFactory(title="Walling day")
    gathering.topics.set([soil])
    gathering.save()
    type(gathering).objects.filter(pk=gathering.pk).update(first_published_at=None, live=False)
    type(gathering).objects.get(pk=gathering.pk).save_revision().publish()
    work()
    assert told(member) == ["New on what you follow: Walling day"]


def test_it_tells_many_in_parts(soil: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Follow, "AT_ONCE", 2)
    people = [MemberFactory() for _n in range(5)]
    for one in people:
        Follow.begin(one, "topic", soil)
    StoryFactory(topics=[soil])
    assert work() == 3
    assert [len(told(one)) for one in people] == [1] * 5


def test_it_tells_nobody_of_what_they_may_not_see(member: Member, stranger: Member, soil: Topic) -> None:
    keeps, kept = MemberFactory(), MemberFactory()
    for one in (member, keeps, kept):
        Follow.begin(one, "topic", soil)
    Block.put(keeps, stranger)
    Block.put(stranger, kept)
    StoryFactory(title="Across a block", author=stranger, topics=[soil])
    work()
    assert [told(one) for one in (keeps, kept)] == [[], []] and len(told(member)) == 1
    shut = StoryFactory(title="Shut at once", topics=[soil])
    PageViewRestriction.objects.create(page=shut, restriction_type=PageViewRestriction.PASSWORD, password="x")
    work()
    assert len(told(member)) == 1
    gone = StoryFactory(title="Gone at once", topics=[soil])
    gone.unpublish()
    work()
    assert Notice.objects.filter(page__in=[shut, gone]).count() == 0


def test_it_tells_nothing_of_somebody_whom_one_does_not_find_any_more(member: Member, stranger: Member) -> None:
    Follow.begin(member, "author", stranger)
    stranger.profile.open_to = []
    stranger.profile.save()
    StoryFactory(author=stranger)
    work()
    assert told(member) == []
    page = signed_in(member).get("/notices/following/").content.decode()
    assert "Bruno Stray" not in page and "Something that is not shown to you any more" in page


def test_what_was_told_is_gone_with_the_right_to_see_it(member: Member, stranger: Member, soil: Topic) -> None:
    Follow.begin(member, "topic", soil)
    story = StoryFactory(title="Lime on clay", author=stranger, topics=[soil])
    Follow.begin(member, "page", story)
    work()
    browser = signed_in(member)
    assert "Lime on clay" in browser.get("/notices/").content.decode()

    def is_silent() -> None:
        page = browser.get("/notices/").content.decode()
        assert "Lime on clay" not in page and 'class="count"' not in page
        assert "Lime on clay" not in browser.get("/notices/following/").content.decode()
        held = json.dumps([one.export(member) for one in declarations()], default=str)
        assert "Lime on clay" not in held and story.slug not in held

    assert story.slug in json.dumps([one.export(member) for one in declarations()], default=str)
    Block.put(stranger, member)
    page = browser.get("/notices/").content.decode()
    assert "Lime on clay" not in page and 'class="count"' not in page
    assert "Lime on clay" not in browser.get("/notices/following/").content.decode()
    held = json.dumps([one.export(member) for one in declarations() if one.app == "notices"], default=str)
    assert "Lime on clay" not in held and story.slug not in held
    Block.lift(stranger, member)
    gate = PageViewRestriction.objects.create(page=story, restriction_type=PageViewRestriction.PASSWORD, password="x")
    is_silent()
    gate.delete()
    assert "Lime on clay" in browser.get("/notices/").content.decode()
    story.unpublish()
    is_silent()


def test_what_was_told_in_confidence_is_told_like_anything_else(member: Member, soil: Topic) -> None:
    Follow.begin(member, "topic", soil)
    receipt = Receipt.issue("BABAB-BABAB-BABAB-BABAB-BABAB-BABAB")
    StoryFactory()  # there is a list
    receipt.seal({"title": "It rotted", "summary": "All of it.", "outcome": "failure", "topic": "soil",
                  "tried": "Much.", "happened": "Nothing."})  # fmt: skip
    assert Receipt.release_due(receipt.release_on) == 1
    work()
    assert told(member) == ["New on what you follow: It rotted"]
    notice = Notice.objects.get(page__isnull=False)
    at = timezone.localtime(notice.created_at)
    assert notice.actor is None and (at.day, at.hour, at.minute) == (1, 0, 0)  # the day of its release is not told
    Receipt.objects.get().withdraw()
    assert told(member) == [] and not Notice.objects.filter(kind=NoticeKind.FOLLOWED_NEW).exists()


# --- Pages that change ----------------------------------------------------------------------------------------


def test_it_tells_of_a_try_but_not_whoever_tried_nor_across_a_block(member: Member, stranger: Member) -> None:
    story, kept = StoryFactory(title="Lime on clay"), MemberFactory()
    for one in (member, stranger, kept):
        Follow.begin(one, "page", story)
    Block.put(stranger, kept)
    TrialFactory(page=story, member=stranger)
    work()
    assert [told(one) for one in (member, stranger, kept)] == [["There is something new on “Lime on clay”"], [], []]
    assert not Notice.objects.filter(member=kept).exists()
    TrialFactory(page=story)
    work()
    assert len(told(member)) == 1 and len(told(kept)) == 1
    Notice.objects.filter(member=member).read_all()
    TrialFactory(page=story)
    work()
    assert len(told(member)) == 2


def test_it_tells_of_a_note_on_an_experiment(member: Member) -> None:
    log = LogFactory(title="Light in the morning")
    Follow.begin(member, "page", log)
    note = LogUpdate(log=log, text="Two eggs more.").put()
    note.text = "Three eggs more."
    note.put()
    assert work() == 1 and told(member) == ["There is something new on “Light in the morning”"]


def test_it_tells_of_pages_that_come_into_a_collection_and_of_nothing_else(member: Member) -> None:
    story = StoryFactory()
    collection = CollectionFactory(title="First winter", pages=[story])
    Follow.begin(member, "page", collection)
    collection = type(collection).objects.get(pk=collection.pk)
    collection.summary = "In other words."
    collection.save_revision().publish()
    assert work() == 0
    collection = type(collection).objects.get(pk=collection.pk)
    collection.items.add(CollectionItem(entry=StoryFactory(), sort_order=1))
    collection.save_revision()
    collection.get_latest_revision_as_object().save_revision().publish()
    assert work() == 1 and told(member) == ["There is something new on “First winter”"]


def test_a_page_that_is_not_out_yet_is_no_news_in_a_collection(member: Member) -> None:
    collection, draft = CollectionFactory(title="First winter", pages=[StoryFactory()]), StoryFactory()
    draft.unpublish()
    Follow.begin(member, "page", collection)
    waiting = []
    for _again in range(2):
        collection = type(collection).objects.get(pk=collection.pk)
        collection.items.add(CollectionItem(entry=draft, sort_order=1))
        collection.save_revision().publish()
        waiting.append(work())
        draft.save_revision().publish()
    assert waiting == [0, 1]  # the second time it was there to be read


# --- What is held ---------------------------------------------------------------------------------------------


def test_it_is_given_out_to_whoever_follows_alone_and_forgotten_with_either(member: Member, stranger: Member) -> None:
    Follow.begin(member, "author", stranger)
    Follow.begin(stranger, "topic", TopicFactory(name="Zqsoilqz"))
    given = {one.pk: json.dumps([d.export(one) for d in declarations()], default=str) for one in (member, stranger)}
    assert '"what you follow": [{"name": "Bruno Stray"' in given[member.pk]
    assert "Alma Field" not in given[stranger.pk] and "Zqsoilqz" in given[stranger.pk]
    erase(stranger)
    assert not Follow.objects.exists()


def test_my_list_asks_as_often_for_20_as_for_10(member: Member) -> None:
    counts = []
    for _turn in range(2):
        for _n in range(4):
            Follow.begin(member, "page", StoryFactory())
            Follow.begin(member, "author", MemberFactory())
            Follow.begin(member, "topic", TopicFactory())
        counts.append(len(queries("/notices/following/", signed_in(member))))
    assert counts[0] == counts[1] <= 12


def test_a_block_hides_what_others_did_on_a_page_too(member: Member, stranger: Member) -> None:
    """Whoever did it stands in the notice; whose page it is does not, and must count as much."""
    story = StoryFactory(title="Lime on clay", author=stranger)
    Follow.begin(member, "page", story)
    TrialFactory(page=story)
    work()
    assert told(member) == ["There is something new on “Lime on clay”"]
    Block.put(stranger, member)
    assert told(member) == []


def test_what_comes_again_is_news_once(member: Member, soil: Topic) -> None:
    Follow.begin(member, "topic", soil)
    gathering = GatheringFactory(title="Knit and mend", topics=[soil])
    Recurrence.begin(gathering, Every.WEEK)
    gathering.save_revision().publish()
    work()
    assert GatheringPage.objects.count() > 40
    assert told(member) == ["New on what you follow: Knit and mend"]
