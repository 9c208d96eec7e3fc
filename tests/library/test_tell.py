"""Telling a story step by step: what is kept, what is refused, and that nobody else can do it."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.images import get_image_model
from wagtail.models import Page, PageLogEntry, Revision

from community.library.models import CaseStudyPage, StoryState
from community.members.models import Draft, Member
from home.tree import plant
from tests.conftest import signed_in
from tests.factories import MemberFactory, SeasonFactory, StoryFactory, TopicFactory
from tests.library.telling import START, begin_story, go_on, key, photo, tell_whole, working

pytestmark = pytest.mark.django_db
LONG = "a" * 10_000


@pytest.fixture(autouse=True)
def tree(db: None) -> None:
    plant()


def begin(client: Client, **more: Any) -> Any:
    return client.post("/stories/tell/", START | {"form_key": key(), **more})


def test_it_begins_with_a_title_and_an_end(as_member: Client, member: Member) -> None:
    answer = begin(as_member)
    story = CaseStudyPage.objects.get()
    assert answer.url == f"/stories/tell/{story.pk}/setting/"
    assert (story.author, story.owner, story.live, story.outcome) == (member, member, False, "failure")
    assert Client().get(f"/stories/{story.slug}/").status_code == 404


def test_it_asks_a_visitor_to_sign_in_and_keeps_the_text(member: Member) -> None:
    client = Client()
    answer = begin(client)
    assert answer.url.startswith("/accounts/login/")
    client.force_login(member)
    draft = Draft.objects.get(form="story")
    html = client.get(f"/stories/tell/?draft={draft.key}").content.decode()
    assert START["title"] in html
    assert not CaseStudyPage.objects.exists()


def test_the_same_form_begins_one_story(as_member: Client) -> None:
    form = START | {"form_key": key()}
    first, second = (as_member.post("/stories/tell/", form) for _ in range(2))
    assert first.url == second.url
    assert CaseStudyPage.objects.count() == 1


def test_it_keeps_each_step_and_shows_it_again(as_member: Client, member: Member) -> None:
    story = begin_story(member)
    tell_whole(as_member, story)
    page = working(story)
    assert [part.block_type for part in page.body] == [
        "setting", "tried", "happened", "turning_point", "why", "cost", "evidence", "now",
    ]  # fmt: skip
    assert page.body[0].value.source == "<p>Two acres of wet clay.</p><p>One tractor &lt;1974&gt;.</p>"
    assert (page.soil, page.budget, page.licence, page.place) == ("clay", "little", "by", "Stonebeck")
    assert [topic.slug for topic in page.topics.all()] == ["soil"]
    html = as_member.get(f"/stories/tell/{story.pk}/setting/").content.decode()
    assert "One tractor &lt;1974&gt;." in html
    figures = as_member.get(f"/stories/tell/{story.pk}/figures/").content.decode()
    assert 'value="£174"' in figures and 'value="11 of 96"' in figures


def test_it_shows_the_whole_and_what_is_missing(as_member: Client, member: Member) -> None:
    story = begin_story(member)
    html = as_member.get(f"/stories/tell/{story.pk}/check/").content.decode()
    assert "Tell what you tried." in html and "Send it to the stewards" not in html
    tell_whole(as_member, story)
    html = as_member.get(f"/stories/tell/{story.pk}/check/").content.decode()
    assert "Send it to the stewards" in html and "We limed half of it." in html


def test_each_step_names_what_is_wanted_before_it_is_sent(as_member: Client, member: Member) -> None:
    story = begin_story(member)
    for step, _words in story.missing:
        assert "wanted before you send it" in as_member.get(f"/stories/tell/{story.pk}/{step}/").content.decode(), step
    assert "wanted before" not in as_member.get(f"/stories/tell/{story.pk}/setting/").content.decode()


def test_a_text_that_is_too_long_comes_back_whole(as_member: Client, member: Member) -> None:
    story = begin_story(member)
    answer = go_on(as_member, story, "tried", {"tried": LONG})
    html = answer.content.decode()
    assert answer.status_code == 200 and LONG in html and "at most 8000" in html
    assert not working(story).body


@pytest.mark.parametrize(
    "odd", ["\x00", "a\x00b", "\ud800", "99999999999999999999", "<script>x</script>", "1e309", "🌾"]
)
def test_odd_words_make_no_fault(as_member: Client, member: Member, odd: str) -> None:
    story = begin_story(member)
    sent = odd.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    for step in ("start", "setting", "tried", "happened", "figures", "now", "about", "nowhere"):
        fields = dict.fromkeys(
            ("title", "outcome", "year", "setting", "soil", "tried", "happened", "cost_0_item", "cost_0_amount",
             "figures_0_measure", "now", "summary", "topics", "season", "place", "licence", "then", "version"), sent,
        )  # fmt: skip
        assert as_member.post(f"/stories/tell/{story.pk}/{step}/", fields).status_code in {200, 302, 404, 409}


def test_a_line_that_is_not_whole_is_named(as_member: Client, member: Member) -> None:
    story = begin_story(member)
    answer = go_on(as_member, story, "figures", {"cost_0_item": "Lime", "cost_0_amount": "", "budget": ""})
    assert "Line 1: “How much” is missing." in answer.content.decode()
    assert 'value="Lime"' in answer.content.decode()


def test_two_windows_do_not_overwrite_each_other(as_member: Client, member: Member) -> None:
    story = begin_story(member)
    opened = as_member.get(f"/stories/tell/{story.pk}/tried/")
    version = opened.context["form"]["version"].value()
    go_on(as_member, story, "tried", {"tried": "The first window."})
    answer = as_member.post(
        f"/stories/tell/{story.pk}/tried/", {"tried": "The second.", "version": version, "form_key": key()}
    )
    html = answer.content.decode()
    assert answer.status_code == 409 and "The second." in html and "The first window." in html
    assert "first window" in str(working(story).body)


def test_words_that_are_the_same_keep_the_form_an_editor_gave_them(as_member: Client, member: Member) -> None:
    story = StoryFactory(
        author=member, body=[("tried", "<p>We <b>limed</b> it.</p>"), ("happened", "<p>It dried.</p>")]
    )
    go_on(as_member, story, "tried", {"tried": "We limed it."})
    assert "<b>limed</b>" in str(working(story).body)


def test_nobody_else_finds_it(as_stranger: Client, as_steward: Client, member: Member) -> None:
    story = begin_story(member)
    for client in (as_stranger, as_steward, Client()):
        for path in (f"/stories/tell/{story.pk}/tried/", f"/stories/tell/{story.pk}/check/", story.my_url):
            answer = client.get(path, follow=True)
            assert answer.status_code == 404 or "/accounts/login/" in answer.redirect_chain[0][0]
            assert "Liming" not in answer.content.decode()
    assert as_stranger.post(f"/stories/mine/{story.pk}/discard/").status_code == 404
    assert CaseStudyPage.objects.filter(pk=story.pk).exists()


def test_nothing_else_can_be_posted(as_member: Client, member: Member, stranger: Member) -> None:
    more = {"author": stranger.pk, "owner": stranger.pk, "live": "on", "slug": "tell", "state": "published",
            "is_confidential": "on", "first_published_at": "2020-01-01", "standing": "true"}  # fmt: skip
    begin(as_member, **more)
    story = CaseStudyPage.objects.get()
    go_on(as_member, story, "now", {"now": "Dig.", "summary": "Dig first.", **more})
    story.refresh_from_db()
    for page in (story, working(story)):
        assert (page.author, page.owner, page.live, page.standing) == (member, member, False, "")
        assert page.slug == "liming-wet-clay" and not page.is_confidential and page.first_published_at is None


def test_somebody_under_18_cannot_tell_under_a_name(minor: Member) -> None:
    client = signed_in(minor)
    assert "nobody under 18 is named here" in client.get("/stories/tell/").content.decode()
    assert begin(client).status_code == 403
    assert not CaseStudyPage.objects.exists()


def test_an_address_must_be_confirmed(member: Member) -> None:
    member.emailaddress_set.update(verified=False)
    assert "Confirm your e-mail address first" in signed_in(member).get("/stories/tell/").content.decode()
    assert begin(signed_in(member)).status_code == 403


def test_nobody_begins_stories_without_end(as_member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CaseStudyPage, "MOST_UNSENT", 2)
    assert [begin(as_member, title=f"Story {n}").status_code for n in range(3)] == [302, 302, 200]
    assert CaseStudyPage.objects.count() == 2


def test_words_that_are_addresses_are_no_slugs(member: Member) -> None:
    assert begin_story(member, title="Mine").slug == "mine-2"
    assert begin_story(member, title="Tell").slug == "tell-2"
    assert begin_story(member, title="土と水").slug == "story"


def test_it_shows_stories_like_it_but_none_that_is_hidden(as_member: Client, member: Member) -> None:
    near = StoryFactory(title="Liming clay before ploughing")
    hidden = StoryFactory(title="Liming clay in secret")
    hidden.unpublish()
    begin_story(MemberFactory(), title="Liming clay, not sent")
    story = begin_story(member)
    call_command("update_index", verbosity=0)
    html = as_member.get(f"/stories/tell/{story.pk}/tried/").content.decode()
    assert near.title in html
    assert "in secret" not in html and "not sent" not in html


def test_it_says_how_the_words_read(as_member: Client, member: Member) -> None:
    story = begin_story(member)
    go_on(as_member, story, "tried", {"tried": " ".join(["word"] * 45) + "."})
    html = as_member.get(f"/stories/tell/{story.pk}/tried/").content.decode()
    assert "Your longest sentence has 45 words." in html


def test_it_is_found_again_on_another_device(as_member: Client, member: Member) -> None:
    story = begin_story(member)
    answer = go_on(as_member, story, "tried", {"tried": "Half.", "then": "later"})
    assert answer.url == "/stories/mine/"
    other = signed_in(member)
    assert "Liming wet clay" in other.get("/stories/mine/").content.decode()
    assert "Half." in other.get(f"/stories/tell/{story.pk}/tried/").content.decode()


def test_it_can_be_thrown_away_with_all_its_traces(as_member: Client, member: Member) -> None:
    story = begin_story(member)
    as_member.post(f"/stories/mine/{story.pk}/discard/")
    assert not Page.objects.filter(pk=story.pk).exists()
    assert not PageLogEntry.objects.filter(page=story.pk).exists()
    assert not Revision.objects.filter(object_id=str(story.pk)).exists()


def test_a_step_keeps_a_picture_without_its_traces(as_member: Client, member: Member) -> None:
    story = begin_story(member)
    SeasonFactory(), TopicFactory(slug="soil")
    go_on(as_member, story, "about", {"photo": photo(), "words": "A wet field", "licence": "by"})
    picture = working(story).picture
    assert picture.uploaded_by_user == member and picture.description == "A wet field"
    assert "gate" not in picture.title and "gate" not in picture.file.name
    go_on(as_member, story, "about", {"goes": "on", "licence": "by"})
    assert working(story).picture is None


def test_its_picture_goes_with_what_is_thrown_away(as_member: Client, member: Member) -> None:
    for number in range(2):
        story = begin_story(member, f"Story {number}")
        go_on(as_member, story, "about", {"photo": photo(), "words": "A wet field", "licence": "by"})
    kept = working(CaseStudyPage.objects.get(title="Story 0")).picture
    other = StoryFactory(picture=kept)  # an editor took one of them for another page
    for story in CaseStudyPage.objects.filter(live=False):
        as_member.post(f"/stories/mine/{story.pk}/discard/")
    assert list(get_image_model().objects.filter(uploaded_by_user=member)) == [kept] == [other.picture]


def test_one_step_makes_no_row_for_each_saving(as_member: Client, member: Member) -> None:
    story = begin_story(member)
    for n in range(4):
        go_on(as_member, story, "tried", {"tried": f"Wording {n}."})
    assert story.revisions.count() == 1
    assert story.state == StoryState.DRAFT
