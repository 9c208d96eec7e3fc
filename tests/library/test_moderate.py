"""A story on its way from the teller to the readers: sent, read, given back, sent again, published."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import TaskState, WorkflowState

from community.library.models import CaseStudyPage, StoryState, TrustedAuthor
from community.members.models import Member
from community.notices.models import Notice
from community.trust.models import Audit
from community.trust.registry.erasing import erase
from tests.conftest import signed_in
from tests.factories import MemberFactory, StoryFactory
from tests.library.telling import begin_story, go_on, tell_whole, working

pytestmark = pytest.mark.django_db
WHOLE_BODY = [("tried", "<p>We limed it.</p>"), ("happened", "<p>It dried.</p>")]


def fresh(story: Any) -> CaseStudyPage:
    return CaseStudyPage.objects.get(pk=story.pk)


def send_one(member: Member, title: str = "Liming wet clay") -> CaseStudyPage:
    """A whole story, as it waits for its reader."""
    story = begin_story(member, title)
    story.keep(
        member,
        {"summary": "We limed it.", "licence": "by"},
        {"tried": "<p>We limed it.</p>", "happened": "<p>It dried.</p>"},
    )
    fresh(story).send(member)
    return fresh(story)


def published(author: Member, **more: Any) -> CaseStudyPage:
    """A story of this author that everybody can read."""
    return StoryFactory(**{"author": author, "body": WHOLE_BODY, "licence": "by"} | more)


def answer(client: Client, story: CaseStudyPage, answer: str, reason: str = "") -> Any:
    """A steward's answer, given as a browser gives it."""
    form = client.get(story.review_url).context["form"]
    sent = {"answer": answer, "reason": reason, "revision": form["revision"].value()}
    return client.post(story.review_url, sent)


def kinds(member: Member) -> list[str]:
    return list(Notice.objects.filter(member=member).order_by("pk").values_list("kind", flat=True))


def test_it_goes_from_the_teller_by_needs_work_to_the_readers(
    as_member: Client, member: Member, as_steward: Client, steward: Member
) -> None:
    story = begin_story(member)
    tell_whole(as_member, story)
    assert as_member.post(f"/stories/tell/{story.pk}/check/").url == story.my_url
    assert fresh(story).state == StoryState.WAITING and kinds(steward) == ["story_waits"]
    assert Client().get(f"/stories/{story.slug}/").status_code == 404

    assert "Liming wet clay" in as_steward.get("/steward/stories/").content.decode()
    assert "We limed half of it." in as_steward.get(story.review_url).content.decode()
    answer(as_steward, story, "more", "How deep was the <b>drain</b>?")
    assert fresh(story).state == StoryState.NEEDS_WORK and kinds(member) == ["story_needs_work"]
    html = as_member.get(story.my_url).content.decode()
    assert "How deep was the &lt;b&gt;drain&lt;/b&gt;?" in html and "Needs a little more" in html

    go_on(as_member, fresh(story), "tried", {"tried": "We limed half of it, two spits deep."})
    as_member.post(f"/stories/tell/{story.pk}/check/")
    answer(as_steward, story, "accept")
    done = fresh(story)
    assert done.state == StoryState.PUBLISHED and kinds(member)[-1] == "story_published"
    page = Client().get(done.url).content.decode()
    assert "two spits deep" in page and "Alma Field" in page and "Clay" in page and "CC BY 4.0" in page


def test_sending_twice_sends_once(member: Member, steward: Member) -> None:
    story = send_one(member)
    assert story.send(member) == StoryState.WAITING
    assert WorkflowState.objects.count() == 1 and kinds(steward) == ["story_waits"]


def test_what_is_missing_is_said_and_nothing_is_sent(as_member: Client, member: Member) -> None:
    story = begin_story(member)
    html = as_member.post(f"/stories/tell/{story.pk}/check/")
    assert html.status_code == 422 and "Tell what you tried." in html.content.decode()
    assert fresh(story).state == StoryState.DRAFT


def test_while_it_waits_nothing_is_changed_until_it_is_taken_back(as_member: Client, member: Member) -> None:
    story = send_one(member)
    assert as_member.get(f"/stories/tell/{story.pk}/tried/").url == story.my_url
    sent = as_member.post(f"/stories/tell/{story.pk}/tried/", {"tried": "Other words"})
    assert "Other words" in sent.content.decode() and "limed" in str(working(story).body)
    as_member.post(f"/stories/mine/{story.pk}/take-back/")
    as_member.post(f"/stories/mine/{story.pk}/take-back/")
    assert fresh(story).state == StoryState.DRAFT
    go_on(as_member, story, "tried", {"tried": "Other words"})
    assert "Other words" in str(working(story).body)


def test_what_was_taken_back_is_written_on_unseen(as_member: Client, as_steward: Client, member: Member) -> None:
    story = send_one(member)
    assert "We limed it." in as_steward.get(story.review_url).text
    as_member.post(f"/stories/mine/{story.pk}/take-back/")
    go_on(as_member, story, "tried", {"tried": "Second thoughts, for nobody yet"})
    assert "Second thoughts" not in as_steward.get(story.review_url).text
    fresh(story).send(member)
    assert "Second thoughts" in as_steward.get(story.review_url).text


def test_a_no_needs_a_reason_and_is_final_for_a_new_story(
    as_member: Client, as_steward: Client, member: Member
) -> None:
    story = send_one(member)
    assert answer(as_steward, story, "refuse").status_code == 409
    answer(as_steward, story, "refuse", "This is an advertisement.")
    assert fresh(story).state == StoryState.REFUSED and kinds(member) == ["story_refused"]
    assert "This is an advertisement." in as_member.get(story.my_url).content.decode()
    with pytest.raises(ValidationError):
        fresh(story).keep(member, {"summary": "Other"})
    with pytest.raises(ValidationError):
        fresh(story).send(member)


def test_a_published_story_stays_as_it_was_until_the_change_is_read(
    as_member: Client, as_steward: Client, member: Member
) -> None:
    story = published(member)
    go_on(as_member, story, "tried", {"tried": "We drained it instead."})
    assert "We limed it" in Client().get(story.url).content.decode()
    as_member.post(f"/stories/tell/{story.pk}/check/")
    assert fresh(story).state == StoryState.WAITING
    assert "We limed it" in Client().get(story.url).content.decode()
    answer(as_steward, story, "accept")
    assert "We drained it instead." in Client().get(story.url).content.decode()


def test_changes_to_a_published_story_can_be_thrown_away(as_member: Client, member: Member) -> None:
    story = published(member)
    go_on(as_member, story, "tried", {"tried": "We drained it instead."})
    assert fresh(story).state == StoryState.DRAFT
    as_member.post(f"/stories/mine/{story.pk}/discard/")
    assert fresh(story).state == StoryState.PUBLISHED and "limed" in str(working(story).body)


def test_only_one_of_two_stewards_decides(member: Member, steward: Member) -> None:
    story, other = send_one(member), MemberFactory(is_steward=True)
    revision = str(story.latest_revision_id)
    fresh(story).accept(steward, revision)
    fresh(story).accept(steward, revision)  # the same press again does nothing
    with pytest.raises(ValidationError, match="quicker"):
        fresh(story).refuse(other, revision, "No.")
    assert fresh(story).live and TaskState.objects.count() == 1 and kinds(member) == ["story_published"]


def test_nobody_accepts_a_wording_that_they_did_not_read(as_steward: Client, member: Member) -> None:
    story = send_one(member)
    old = str(story.latest_revision_id)
    fresh(story).take_back(member)
    fresh(story).keep(member, {"summary": "Something else."})
    fresh(story).send(member)
    sent = as_steward.post(story.review_url, {"answer": "accept", "revision": old})
    assert sent.status_code == 409 and "It was changed since you opened it" in sent.content.decode()
    assert not fresh(story).live


def test_nobody_decides_on_their_own_unless_they_are_alone(steward: Member) -> None:
    other = MemberFactory(is_steward=True)
    story = send_one(steward)
    assert signed_in(steward).get(story.review_url).status_code == 404
    with pytest.raises(ValidationError):
        fresh(story).accept(steward, str(story.latest_revision_id))
    assert signed_in(other).get(story.review_url).status_code == 200
    Member.objects.filter(pk=other.pk).update(is_active=False)
    assert answer(signed_in(steward), story, "accept").status_code == 302


@pytest.mark.parametrize("who", [None, "member", "stranger", "minor"])
def test_only_stewards_and_editors_find_what_waits(who: str | None, request: pytest.FixtureRequest) -> None:
    story = send_one(request.getfixturevalue("member"))
    client = signed_in(request.getfixturevalue(who)) if who else Client()
    for path in ("/steward/stories/", story.review_url):
        assert client.get(path).status_code == (404 if who else 302)
        assert client.post(story.review_url, {"answer": "accept"}).status_code in {302, 404}
    assert not fresh(story).live


def test_a_member_has_few_stories_waiting_at_once(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CaseStudyPage, "MOST_WAITING", 2)
    send_one(member, "One"), send_one(member, "Two")
    with pytest.raises(ValidationError, match="wait already"):
        send_one(member, "Three")


def test_a_trusted_authors_small_change_goes_straight_through(
    as_member: Client, as_steward: Client, member: Member
) -> None:
    story, _second = published(member), published(member)
    as_steward.post(f"/steward/stories/{send_one(member).pk}/trust/", {"reason": "Writes with care."})
    assert TrustedAuthor.objects.get(member=member).reason == "Writes with care."
    go_on(as_member, story, "tried", {"tried": "We limed it in March."})
    as_member.post(f"/stories/tell/{story.pk}/check/")
    assert fresh(story).state == StoryState.PUBLISHED
    assert "in March" in Client().get(story.url).content.decode()
    go_on(as_member, story, "tried", {"tried": " ".join(f"word{n}" for n in range(60))})
    as_member.post(f"/stories/tell/{story.pk}/check/")
    assert fresh(story).state == StoryState.WAITING


def test_a_change_of_the_end_is_no_small_change(as_member: Client, as_steward: Client, member: Member) -> None:
    story, steward = published(member), MemberFactory(is_steward=True)
    TrustedAuthor.trust(member, steward, "Writes with care.", 2)
    go_on(as_member, story, "start", {"title": story.title, "outcome": "failure", "year": ""})
    assert fresh(story).send(member) == StoryState.WAITING


def test_trust_is_given_by_a_steward_who_knows_what_they_published(member: Member, steward: Member) -> None:
    for by, reason, number in ((member, "me", 3), (steward, " ", 3), (steward, "kind", 1)):
        with pytest.raises(ValidationError):
            TrustedAuthor.trust(member, by, reason, number)
    with pytest.raises(ValidationError):
        TrustedAuthor.trust(steward, steward, "I know myself", 9)
    assert not TrustedAuthor.objects.exists()


def test_an_editor_is_told_that_only_a_steward_takes_trust_away(member: Member, steward: Member) -> None:
    story = send_one(member)
    TrustedAuthor.objects.create(member=member, trusted_by=steward, reason="Careful.")
    editor = signed_in(MemberFactory(is_superuser=True))
    said = editor.post(f"{story.review_url}trust/", {"distrust": "1", "reason": "I say so."})
    assert said.status_code == 422 and TrustedAuthor.objects.filter(member=member).exists()
    assert signed_in(steward).post(f"{story.review_url}trust/", {"distrust": "1"}).status_code == 422
    assert TrustedAuthor.objects.exists() and not Audit.objects.exists()


def test_trust_that_is_given_and_taken_away_is_written_down_once(member: Member, steward: Member) -> None:
    story, other, as_steward = published(member), send_one(member), signed_in(steward)
    published(member)
    for _twice in range(2):
        as_steward.post(f"{other.review_url}trust/", {"reason": "Writes with care."})
    page = as_steward.get(other.review_url).content.decode()
    assert "Read every change again" in page and 'name="reason"' in page
    for _twice in range(2):
        as_steward.post(f"{other.review_url}trust/", {"distrust": "1", "reason": "Took the end away."})
    assert not TrustedAuthor.objects.exists() and story.live
    rows = list(Audit.objects.order_by("pk").values_list("actor", "verb", "member", "reason"))
    assert rows == [
        (steward.pk, "trust", member.pk, "Writes with care."),
        (steward.pk, "distrust", member.pk, "Took the end away."),
    ]
    assert "Took the end away." in as_steward.get("/steward/").content.decode()


def test_many_small_changes_count_together_until_somebody_reads_them(member: Member, steward: Member) -> None:
    story, words = published(member), [f"word{n}" for n in range(60)]
    TrustedAuthor.objects.create(member=member, trusted_by=steward, reason="Careful.")

    def say(number: int) -> str:
        fresh(story).keep(member, {}, {"tried": f"<p>We limed it. {' '.join(words[:number])}</p>"})
        return str(fresh(story).send(member))

    assert [say(15), say(30), say(40)] == ["published"] * 3
    assert say(45) == "waiting" and "word44" not in Client().get(story.url).content.decode()
    answer(signed_in(steward), fresh(story), "accept")
    assert say(60) == "published"  # from here on it counts anew


def test_what_an_editor_has_written_is_what_small_changes_are_held_against(member: Member, steward: Member) -> None:
    story = published(member)
    TrustedAuthor.objects.create(member=member, trusted_by=steward, reason="Careful.")
    for _time in range(3):
        working = fresh(story).working
        working.body = [("tried", f"<p>{' '.join(f'new{n}' for n in range(100))}</p>"), WHOLE_BODY[1]]
        working.save_revision(user=steward).publish(user=None)
        fresh(story).keep(member, {}, {"happened": "<p>It dried, by and by.</p>"})
        assert fresh(story).send(member) == StoryState.PUBLISHED
        fresh(story).keep(member, {}, {"happened": "<p>It dried.</p>"})
        assert fresh(story).send(member) == StoryState.PUBLISHED


def test_the_editing_tools_lead_to_the_same_end(member: Member) -> None:
    operator = Member.objects.create_superuser("operator@example.org", "Otto Operator", "seventeen quiet geese")
    story, client = send_one(member), signed_in(operator)
    assert client.get(reverse("wagtailadmin_pages:edit", args=[story.pk])).status_code == 200
    assert client.get(reverse("wagtailadmin_reports:workflow")).status_code == 200
    step = TaskState.objects.get()
    client.post(reverse("wagtailadmin_pages:workflow_action", args=[story.pk, "approve", step.pk]))
    assert fresh(story).state == StoryState.PUBLISHED and kinds(member) == ["story_published"]
    assert mail.outbox == []  # Wagtail itself tells nobody; our own mail waits for the worker


def test_a_story_says_whose_it_is_to_its_teller_alone(as_member: Client, as_stranger: Client, member: Member) -> None:
    story = published(member)
    assert story.my_url in as_member.get(story.url).content.decode()
    for client in (as_stranger, Client()):
        assert story.my_url not in client.get(story.url).content.decode()


def test_stories_are_chosen_by_soil_and_cost(member: Member) -> None:
    published(member, title="On clay", soil="clay", budget="little"), published(member, title="On sand", soil="sand")
    html = Client().get("/stories/?soil=clay&budget=little").content.decode()
    assert "On clay" in html and "On sand" not in html
    assert "On sand" in Client().get("/stories/?soil=moon").content.decode()


XSS = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def test_what_is_typed_stays_words(as_member: Client, as_steward: Client, member: Member) -> None:
    story = begin_story(member, title=XSS)
    story.keep(member, {"licence": "by", "place": XSS[:80], "equipment": XSS, "credit": XSS, "summary": XSS}, {})
    every = dict.fromkeys(("cost_0_item", "cost_0_amount", "figures_0_measure", "figures_0_before"), XSS[:60])
    go_on(as_member, story, "figures", every)
    for step, names in (
        ("setting", ["setting"]),
        ("tried", ["tried"]),
        ("happened", ["happened", "why"]),
        ("now", ["now"]),
    ):
        go_on(as_member, fresh(story), step, dict.fromkeys(names, XSS) | {"summary": XSS})
    as_member.post(f"/stories/tell/{story.pk}/check/")
    pages = [as_steward.get(story.review_url), as_member.get(f"/stories/tell/{story.pk}/check/")]
    pages += [as_member.get(story.my_url), as_steward.get("/steward/stories/")]
    answer(as_steward, story, "accept")
    pages += [Client().get(fresh(story).url), Client().get("/stories/")]
    for page in pages:
        html = page.content.decode()
        assert page.status_code == 200 and "<script>alert" not in html and "<img src=x" not in html
    assert "&lt;script&gt;alert(1)" in pages[4].content.decode()


def test_it_asks_after_a_year_and_shows_the_answer(as_member: Client, member: Member) -> None:
    story, _other = published(member), published(member)
    long_ago = timezone.now() - timedelta(days=366)
    CaseStudyPage.objects.update(first_published_at=long_ago, last_published_at=long_ago)
    assert CaseStudyPage.ask_whether_true() == 1  # one question a run, whoever has told much
    assert kinds(member) == ["story_still_true"]
    assert CaseStudyPage.ask_whether_true() == 1 and CaseStudyPage.ask_whether_true() == 0
    as_member.post(f"/stories/mine/{story.pk}/still-true/", {"standing": "past"})
    as_member.post(f"/stories/mine/{story.pk}/still-true/", {"standing": "nonsense"})
    html = Client().get(story.url).content.decode()
    assert f"It is no longer true ({timezone.localdate():%B %Y})" in html


def test_an_answer_outlives_a_new_wording(as_member: Client, as_steward: Client, member: Member) -> None:
    story = published(member)
    go_on(as_member, story, "tried", {"tried": "We drained it."})
    fresh(story).send(member)
    fresh(story).say_whether_true(member, "true")
    answer(as_steward, story, "accept")
    assert fresh(story).standing == "true" and fresh(story).standing_on == timezone.localdate()


def test_nobody_else_answers(as_stranger: Client, member: Member) -> None:
    story = published(member)
    assert as_stranger.post(f"/stories/mine/{story.pk}/still-true/", {"standing": "past"}).status_code == 404
    assert fresh(story).standing == ""


def test_who_leaves_takes_along_what_was_not_published(member: Member, steward: Member) -> None:
    draft, waits, told = begin_story(member, "A draft"), send_one(member, "It waits"), published(member)
    told.keep(member, {"summary": "New words."})
    erase(member)
    assert list(CaseStudyPage.objects.values_list("pk", flat=True)) == [told.pk]
    assert fresh(told).author is None and fresh(told).state == StoryState.PUBLISHED
    assert draft.pk != waits.pk and not fresh(told).revisions.exists()


@pytest.mark.parametrize("address", ["/stories/mine/", "/steward/stories/"])
def test_a_list_asks_as_often_for_20_as_for_10(address: str, member: Member, steward: Member) -> None:
    client = signed_in(member if "mine" in address else steward)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    CaseStudyPage.MOST_WAITING, most = 99, CaseStudyPage.MOST_WAITING
    try:
        for n in range(10):
            send_one(member, f"Story {n}")
        ten = (asked(), asked())[1]  # the first makes the settings of the site
        for n in range(10, 20):
            send_one(member, f"Story {n}")
    finally:
        CaseStudyPage.MOST_WAITING = most
    assert asked() == ten <= 12
