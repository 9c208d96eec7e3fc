"""An experiment over a season: reading it, writing down what was seen, and trying it along."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.library import privacy
from community.library.models import CoTester, LogIndexPage, LogPage, LogState, LogUpdate
from community.members.models import Block, Draft, Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import LogFactory, MemberFactory, SeasonFactory, TopicFactory
from tests.library.test_story_queries import picture, queries

pytestmark = pytest.mark.django_db

MOST = 12


def html_of(address: str, client: Client | None = None) -> str:
    response = (client or Client()).get(address)
    assert response.status_code == 200
    return response.content.decode()


def version(client: Client, address: str) -> str:
    """What a form says of the state that it was opened on."""
    return str(client.get(address).context["form"]["version"].value())


def note(**more: Any) -> dict[str, Any]:
    return {"day": str(timezone.localdate()), "text": "Four leaves with holes.", "form_key": str(uuid.uuid4())} | more


def saw(log: LogPage, days_ago: int = 0, **fields: Any) -> LogUpdate:
    day = timezone.localdate() - timedelta(days=days_ago)
    return LogUpdate(log=log, day=day, **({"text": f"Seen {days_ago} days ago."} | fields)).put()


# --- Reading ----------------------------------------------------------------------------------------------------


def test_it_shows_the_question_what_is_compared_and_the_notes_in_order(member: Member) -> None:
    log = LogFactory(author=member, measured="Leaves with holes, each Sunday", season=SeasonFactory())
    saw(log, 2, measure="Leaves with holes, of 50", amount="limed 4, bare 17")
    saw(log, 9)
    html = html_of(log.url)
    for words in ("Does lime keep the slugs away?", "Bed one: limed", "each Sunday", "Alma Field", "Running",
                  "limed 4, bare 17", "Winter"):  # fmt: skip
        assert words in html, words
    assert html.index("Seen 9 days ago") < html.index("Seen 2 days ago")
    assert "Write down what you saw" not in html


def test_it_is_planned_running_or_finished_by_its_days_and_notes(member: Member) -> None:
    today = timezone.localdate()
    log, later = LogFactory(author=member), LogFactory(starts_on=today + timedelta(days=1), title="Later")
    assert (log.state, later.state) == (LogState.RUNNING, LogState.PLANNED)
    last = saw(log, 1, is_last=True)
    log.refresh_from_db()
    assert (log.state, log.finished_on) == (LogState.FINISHED, today - timedelta(days=1))
    for state, found in (("planned", [later]), ("running", []), ("finished", [log])):
        assert list(LogPage.objects.at(state)) == found
    last.take_away()
    log.refresh_from_db()
    assert log.state == LogState.RUNNING


def test_a_new_wording_by_an_editor_does_not_begin_it_anew() -> None:
    log = LogFactory()
    saw(log, is_last=True)
    revision = LogPage.objects.get(pk=log.pk).revisions.get()  # made before it was finished
    revision.publish()
    assert LogPage.objects.get(pk=log.pk).state == LogState.FINISHED


def test_it_never_names_somebody_under_18_and_calls_nobody_to_them(minor: Member, as_member: Client) -> None:
    log = LogFactory(author=minor)
    html = html_of(log.url, as_member)
    assert "Cleo" not in html and "I try it, too" not in html
    assert as_member.post(f"{log.url}join/", {"form_key": str(uuid.uuid4())}).status_code == 409
    assert not CoTester.objects.exists()


def test_the_list_filters_by_state_call_and_topic() -> None:
    bees = TopicFactory(slug="bees")
    LogFactory(title="Open one", topics=[bees])
    LogFactory(title="Quiet one", seeks_testers=False, starts_on=timezone.localdate() + timedelta(days=9))
    saw(LogFactory(title="Old one"), is_last=True)

    def titles(**query: str) -> list[str]:
        return [log.title for log in Client().get("/experiments/", query).context["entries"]]

    assert titles() == ["Quiet one", "Open one", "Old one"]
    assert titles(topic="bees") == titles(call="open") == titles(state="running") == ["Open one"]
    assert titles(state="finished") == ["Old one"]
    assert titles(state="\x00", q='"') == ["Quiet one", "Open one", "Old one"]


# --- Writing down ------------------------------------------------------------------------------------------------


def test_the_author_writes_down_what_was_seen(member: Member, as_member: Client) -> None:
    log = LogFactory(author=member)
    assert "Write down what you saw" in html_of(log.url, as_member)
    address = f"{log.url}notes/new/"
    sent = note(measure="Leaves with holes", amount="4", version=version(as_member, address))
    for _twice in range(2):
        assert as_member.post(address, sent).status_code == 302
    update = LogUpdate.objects.get()
    assert (update.text, update.amount, update.log) == ("Four leaves with holes.", "4", log)
    assert "Four leaves with holes." in html_of(log.url)


def test_the_author_changes_it_and_takes_it_away(member: Member, as_member: Client) -> None:
    log = LogFactory(author=member)
    update = saw(log)
    address = f"{log.url}notes/{update.pk}/"
    opened_on = version(as_member, f"{address}edit/")
    as_member.post(f"{address}edit/", note(text="It was five.", version=opened_on, is_last="on"))
    update.refresh_from_db()
    assert update.text == "It was five."
    assert LogPage.objects.get().state == LogState.FINISHED
    assert as_member.get(f"{address}delete/").status_code == 200
    assert LogUpdate.objects.exists()
    assert as_member.post(f"{address}delete/").status_code == 302
    assert not LogUpdate.objects.exists()


def test_a_change_that_another_window_made_is_not_written_over(member: Member, as_member: Client) -> None:
    log = LogFactory(author=member)
    update = saw(log)
    address = f"{log.url}notes/{update.pk}/edit/"
    opened_on = version(as_member, address)
    LogUpdate.objects.filter(pk=update.pk).update(text="Changed on the phone.")
    response = as_member.post(address, note(text="Changed at the desk.", version=opened_on))
    assert response.status_code == 409
    assert "Changed on the phone." in response.content.decode() and "Changed at the desk." in response.content.decode()
    assert LogUpdate.objects.get().text == "Changed on the phone."


@pytest.mark.parametrize("who", ["anonymous", "stranger", "steward", "tester"])
def test_nobody_else_writes_in_it(who: str, stranger: Member, steward: Member) -> None:
    log = LogFactory()
    update = saw(log)
    tester = MemberFactory()
    CoTester.join(log, tester)
    people = {"stranger": stranger, "steward": steward, "tester": tester}
    client = signed_in(people[who]) if who in people else Client()
    for address in ("new/", f"{update.pk}/edit/", f"{update.pk}/delete/"):
        expected = 404 if who in people else 302
        assert client.post(f"{log.url}notes/{address}", note()).status_code == expected, address
        assert client.get(f"{log.url}notes/{address}").status_code == expected, address
    assert [one.text for one in LogUpdate.objects.all()] == [update.text]


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "2999-01-01"}, {"day": "yesterday"}, {"day": "9" * 4000}, {"text": ""}, {"text": "a\x00b"},
        {"text": "x" * 10_000}, {"measure": "x" * 10_000}, {"amount": "4"}, {"day": "0000-00-00"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_kept(wrong: dict[str, str], member: Member, as_member: Client) -> None:
    log = LogFactory(author=member)
    address = f"{log.url}notes/new/"
    response = as_member.post(address, note(version=version(as_member, address)) | wrong)
    assert response.status_code == 200 and response.context["form"].errors
    assert not LogUpdate.objects.exists()
    if wrong.get("text") != "":
        assert Draft.objects.get(member=member).data["text"]


def test_a_login_that_ran_out_loses_nothing(member: Member) -> None:
    log = LogFactory(author=member)
    client = Client()
    client.get(f"{log.url}notes/new/")
    response = client.post(f"{log.url}notes/new/", note(text="Typed in the field."))
    assert response.status_code == 302 and "draft" in response.url
    client.force_login(member)
    draft = Draft.objects.get()
    assert "Typed in the field." in html_of(f"{log.url}notes/new/?draft={draft.key}", client)


def test_there_is_an_end_to_what_one_log_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    log = LogFactory()
    monkeypatch.setattr(LogUpdate, "MOST", 1)
    saw(log)
    with pytest.raises(ValidationError, match="1 notes"):
        saw(log)


# --- Trying along -------------------------------------------------------------------------------------------------


def test_a_member_joins_and_the_author_alone_learns_who(member: Member, stranger: Member, as_stranger: Client) -> None:
    log = LogFactory(author=member)
    for _twice in range(2):
        as_stranger.post(f"{log.url}join/", {"note": "Heavy clay.", "form_key": str(uuid.uuid4())})
    assert CoTester.objects.get().member == stranger
    notice = Notice.objects.get(member=member, kind="co_tester_joined")
    assert notice.actor == stranger and notice.url == log.url
    for words in ("Bruno Stray", "Heavy clay."):
        assert words in html_of(log.url, signed_in(member))
        for client in (Client(), signed_in(MemberFactory()), signed_in(MemberFactory(is_steward=True))):
            assert words not in html_of(log.url, client)
    assert "You are one of them." in html_of(log.url, as_stranger)


def test_below_five_the_number_is_not_told(as_stranger: Client) -> None:
    log = LogFactory()
    told = [html_of(log.url, as_stranger)]
    for _n in range(4):
        CoTester.join(log, MemberFactory())
        told.append(html_of(log.url, as_stranger))
    assert len({one.partition("<main")[2].partition("</main")[0] for one in told}) == 1
    assert "Fewer than 5 people" in told[0]
    CoTester.join(log, MemberFactory())
    assert "5 people try it, too." in html_of(log.url, as_stranger)


def test_blocking_somebody_does_not_tell_whether_they_are_among_them(stranger: Member, as_stranger: Client) -> None:
    log, suspect = LogFactory(), MemberFactory()
    for who in (suspect, *[MemberFactory() for _n in range(4)]):
        CoTester.join(log, who)
    Block.put(stranger, suspect)
    assert "5 people try it, too." in html_of(log.url, as_stranger)


def test_the_author_does_not_see_who_is_kept_away_or_gone(member: Member) -> None:
    log = LogFactory(author=member)
    blocked, gone = MemberFactory(name="Blocked Person"), MemberFactory(name="Gone Person")
    for who in (blocked, gone):
        CoTester.join(log, who)
    Block.put(blocked, member)
    Member.objects.filter(pk=gone.pk).update(is_active=False)
    html = html_of(log.url, signed_in(member))
    assert "Blocked Person" not in html and "Gone Person" not in html


def test_it_is_left_without_a_trace(stranger: Member, as_stranger: Client) -> None:
    log = LogFactory()
    CoTester.join(log, stranger)
    assert as_stranger.get(f"{log.url}leave/").status_code == 200
    assert CoTester.objects.exists()
    Block.put(log.author, stranger)  # also where the page is gone for whoever leaves
    response = as_stranger.get(f"{log.url}leave/")
    assert response.status_code == 200 and log.title not in response.content.decode()
    assert as_stranger.post(f"{log.url}leave/").url == "/experiments/"
    assert not CoTester.objects.exists()


def test_nobody_joins_who_should_not(member: Member, minor: Member, stranger: Member) -> None:
    log, quiet, over = LogFactory(author=member), LogFactory(seeks_testers=False), LogFactory()
    saw(over, is_last=True)
    over.refresh_from_db()
    for page, who in ((log, member), (log, minor), (quiet, stranger), (over, stranger)):
        with pytest.raises(ValidationError):
            CoTester.join(page, who)
        response = signed_in(who).post(f"{page.url}join/", {"note": "Let me in", "form_key": str(uuid.uuid4())})
        assert response.status_code == 409 and "Let me in" in response.content.decode()
    Block.put(member, stranger)
    assert signed_in(stranger).post(f"{log.url}join/", {}).status_code == 404
    assert not CoTester.objects.exists() and not Notice.objects.exists() and mail.outbox == []


@pytest.mark.parametrize("text", ["a\x00b", "x" * 10_000])
def test_a_note_that_cannot_be_kept_is_refused_in_words(text: str, as_stranger: Client) -> None:
    response = as_stranger.post(f"{LogFactory().url}join/", {"note": text, "form_key": str(uuid.uuid4())})
    assert response.status_code == 200 and response.context["form"].errors
    assert not CoTester.objects.exists()


def test_everything_is_given_out_and_forgotten(member: Member, stranger: Member) -> None:
    log, other = LogFactory(author=member, owner=member), LogFactory(author=stranger)
    saw(log)
    CoTester.join(other, member, "On sand.")
    told = privacy.export(member)
    assert "Seen 0 days ago." in str(told["experiments"])
    assert told["experiments you try along"][0]["note"] == "On sand."
    privacy.erase(member)
    log.refresh_from_db()
    assert (log.author, log.owner, log.revisions.count()) == (None, None, 0)
    assert log.updates.count() == 1 and not CoTester.objects.exists()
    assert LogPage.objects.get(pk=other.pk).author == stranger


# --- How often it asks ---------------------------------------------------------------------------------------------


def run(number: int, author: Member) -> LogPage:
    topics = [TopicFactory(slug="soil"), TopicFactory(slug="wood")]
    for _n in range(number):
        log = LogFactory(author=author, topics=topics, season=SeasonFactory(), picture=picture())
    return log


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_the_list_asks_as_often_for_20_as_for_10(
    member: Member, as_stranger: Client, monkeypatch: pytest.MonkeyPatch, is_signed_in: bool
) -> None:
    monkeypatch.setattr(LogIndexPage, "PER_PAGE", 100)
    client = as_stranger if is_signed_in else Client()
    run(10, member)
    ten = queries("/experiments/", client)
    run(10, member)
    twenty = queries("/experiments/", client)
    assert len(ten) == len(twenty) <= MOST, "\n".join(one[:200] for one in twenty)


@pytest.mark.parametrize("who", ["anonymous", "stranger", "author"])
def test_a_log_asks_as_often_for_20_notes_as_for_10(who: str, member: Member, stranger: Member) -> None:
    client = {"anonymous": Client(), "stranger": signed_in(stranger), "author": signed_in(member)}[who]
    log = run(1, member)
    counts = []
    for _twice in range(2):
        for n in range(10):
            update = saw(log, n)
            LogUpdate.objects.filter(pk=update.pk).update(picture=picture())
            CoTester.join(log, MemberFactory())
        counts.append(queries(log.url, client))
    assert len(counts[0]) == len(counts[1]) <= MOST, "\n".join(one[:200] for one in counts[1])
