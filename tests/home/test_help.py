"""Acting in somebody's name: the few things that a helper may do, each on record, until the help ends."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from community.connections.models import Connection, ConnectionState
from community.gatherings.models import Registration
from community.members.forms.user import UserForm
from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind
from community.trust.models import Audit, AuditVerb
from home import helping
from home.tree import plant
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory
from tests.home.test_letter import QUESTION, url_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tree(db: None) -> None:
    """The site with its pages."""
    plant()


def act(client: Client, person: Member, do: str, key: Any, **more: Any) -> Any:
    """Press one of the buttons."""
    body = urlencode({"do": do, "key": key, **more}, doseq=True, errors="surrogatepass")
    return client.post(f"{url_of(person)}act/", body, "application/x-www-form-urlencoded", follow=True)


def on_record(person: Member) -> list[str]:
    """What was written down as done in this person's name."""
    return list(Audit.objects.filter(verb=AuditVerb.ACT_FOR, member=person).values_list("reason", flat=True))


@pytest.mark.parametrize(("do", "state"), [("accept", "accepted"), ("decline", "declined"), ("postpone", "postponed")])
def test_it_answers_a_question_once_and_on_record(
    do: str, state: str, asked: Connection, enid: Member, member: Member, as_member: Client, stranger: Member
) -> None:
    page = as_member.get(url_of(enid))
    assert QUESTION in page.text and f'value="{do}"' in page.text
    for _twice in range(2):
        act(as_member, enid, do, asked.pk, version=asked.version)
    asked.refresh_from_db()
    assert asked.state == state and len(on_record(enid)) == 1
    row = Audit.objects.get(verb=AuditVerb.ACT_FOR)
    assert (row.actor, row.member) == (member, enid) and stranger.name not in row.reason
    assert row.words in as_member.get(url_of(enid)).text
    assert row.words in signed_in(MemberFactory(is_steward=True)).get("/steward/").text


def test_what_was_done_stands_in_the_next_letter_and_nowhere_for_strangers(
    asked: Connection, enid: Member, as_member: Client, stranger: Member
) -> None:
    act(as_member, enid, "accept", asked.pk, version=asked.version)
    Notice.send(enid, NoticeKind.CIRCLE_JOINED, "/circles/")
    letter = as_member.get(url_of(enid)).text.partition('<div class="letter ')[2].partition('<div class="no-print')[0]
    assert "Done in your name" in letter and on_record(enid)[0] in letter
    assert not Audit.objects.visible_to(stranger).exists() and not Audit.objects.visible_to(None).exists()
    assert Audit.objects.visible_to(enid).count() == 1


def test_an_old_form_changes_nothing(asked: Connection, enid: Member, as_member: Client, stranger: Member) -> None:
    page = act(as_member, enid, "accept", asked.pk, version=asked.version + 7)
    asked.refresh_from_db()
    assert asked.state == ConnectionState.PROPOSED and "in the meantime" in page.text and not on_record(enid)
    asked.withdraw(stranger)
    act(as_member, enid, "accept", asked.pk, version=asked.version)
    asked.refresh_from_db()
    assert asked.state == ConnectionState.WITHDRAWN and not on_record(enid)


def test_it_takes_a_seat_and_gives_it_back(enid: Member, as_member: Client) -> None:
    gathering = GatheringFactory(title="Scythe day")
    seat = gathering.enrol(enid)
    assert "Scythe day" in as_member.get(url_of(enid)).text
    act(as_member, enid, "give_back", seat.pk)
    seat.refresh_from_db()
    assert seat.state == "cancelled" and len(on_record(enid)) == 1
    act(as_member, enid, "give_back", seat.pk)
    assert len(on_record(enid)) == 1


def test_it_takes_an_offered_seat(enid: Member, as_member: Client) -> None:
    gathering = GatheringFactory(capacity=1)
    first = gathering.enrol(MemberFactory())
    waiting = gathering.enrol(enid, may_wait=True)
    assert waiting.state == "waiting"
    first.cancel()
    assert 'value="take"' in as_member.get(url_of(enid)).text
    act(as_member, enid, "take", waiting.pk)
    assert Registration.objects.get(pk=waiting.pk).is_open and len(on_record(enid)) == 1


def test_it_marks_as_read_what_was_told(enid: Member, member: Member, as_member: Client) -> None:
    own = Notice.send(member, NoticeKind.CIRCLE_JOINED, "/circles/")
    theirs = Notice.send(enid, NoticeKind.CIRCLE_JOINED, "/circles/")
    act(as_member, enid, "told", [own.pk, theirs.pk])
    own.refresh_from_db()
    theirs.refresh_from_db()
    assert theirs.read_at and not own.read_at and len(on_record(enid)) == 1
    act(as_member, enid, "told", [theirs.pk])
    assert len(on_record(enid)) == 1


@pytest.mark.parametrize("do", ["", "withdraw", "end", "ask_again", "approve", "x" * 10_000, "\x00", "\ud800"])
def test_it_does_nothing_else(do: str, asked: Connection, enid: Member, as_member: Client) -> None:
    answer = act(as_member, enid, do, asked.pk)
    assert answer.status_code == 200 and "cannot be done" in answer.text
    asked.refresh_from_db()
    assert asked.state == ConnectionState.PROPOSED and not on_record(enid)


@pytest.mark.parametrize("key", ["", "0", "-1", "x", "9" * 40])
@pytest.mark.parametrize("do", ["accept", "take", "give_back"])
def test_a_number_that_is_none_does_nothing(do: str, key: str, enid: Member, as_member: Client) -> None:
    assert act(as_member, enid, do, key).status_code == 200 and not on_record(enid)


def test_it_does_not_reach_what_is_not_the_person_s(enid: Member, member: Member, as_member: Client) -> None:
    asker = MemberFactory()
    mine = Connection.objects.create(asker=asker, asked=member, kind="peer", message=QUESTION)
    others = GatheringFactory().enrol(MemberFactory())
    for do, key in (("accept", mine.pk), ("give_back", others.pk)):
        act(as_member, enid, do, key)
    mine.refresh_from_db()
    others.refresh_from_db()
    assert mine.state == ConnectionState.PROPOSED and others.is_open and not on_record(enid)


@pytest.mark.parametrize("who", ["stranger", "steward"])
def test_nobody_else_acts(who: str, asked: Connection, enid: Member, steward: Member, stranger: Member) -> None:
    one = steward if who == "steward" else stranger
    assert signed_in(one).post(f"{url_of(enid)}act/", {"do": "accept", "key": asked.pk}).status_code == 404
    with pytest.raises(ValidationError):
        helping.act_for(one, enid, "accept", asked.pk)
    with pytest.raises(ValidationError):
        Audit.act_for(one, enid, "nothing")
    asked.refresh_from_db()
    assert asked.state == ConnectionState.PROPOSED


@pytest.mark.parametrize("why", ["under 18", "has an address", "helper under 18", "blocked", "ended"])
def test_nobody_acts_for_whom_they_may_not_help(
    why: str, asked: Connection, enid: Member, member: Member, as_member: Client, steward: Member
) -> None:
    rows = {"under 18": (enid, {"is_adult": False}), "has an address": (enid, {"email": "enid@example.org"}),
            "helper under 18": (member, {"is_adult": False})}  # fmt: skip
    if why in rows:
        Member.objects.filter(pk=rows[why][0].pk).update(**rows[why][1])
    elif why == "blocked":
        Block.put(enid, member)
    else:
        Audit.end_help(enid, steward, "She asked for it.")
    assert as_member.get(url_of(enid)).status_code == 404
    assert as_member.post(f"{url_of(enid)}act/", {"do": "accept", "key": asked.pk}).status_code == 404
    fresh_helper, fresh = Member.objects.get(pk=member.pk), Member.objects.get(pk=enid.pk)
    notice = Notice.objects.get(member=enid)
    with pytest.raises(ValidationError):
        helping.act_for(fresh_helper, fresh, "accept", asked.pk)
    with pytest.raises(ValidationError):
        helping.mark_told(fresh_helper, fresh, {notice.pk})
    asked.refresh_from_db()
    assert asked.state == ConnectionState.PROPOSED and not notice.read_at and not on_record(enid)


def test_a_block_of_the_helper_hides_and_refuses(
    asked: Connection, enid: Member, member: Member, as_member: Client, stranger: Member
) -> None:
    gathering = GatheringFactory(author=stranger, title="Of the stranger")
    seat = gathering.enrol(enid)
    Block.put(stranger, member)
    page = as_member.get(url_of(enid)).text
    assert "Of the stranger" not in page and QUESTION not in page and stranger.name not in page
    act(as_member, enid, "accept", asked.pk, version=asked.version)
    act(as_member, enid, "give_back", seat.pk)
    asked.refresh_from_db()
    seat.refresh_from_db()
    assert asked.state == ConnectionState.PROPOSED and seat.is_open


def test_a_steward_helps_whom_nobody_helps_any_more(
    enid: Member, steward: Member, member: Member, as_member: Client
) -> None:
    url, desk = f"/steward/people/{enid.handle}/help/", signed_in(steward)
    assert desk.post(url, {"reason": "She asked me."}).status_code == 422  # the member helps her
    assert as_member.post(url, {"reason": "I like her."}).status_code == 404
    Audit.end_help(enid, steward, "She asked for it.")
    assert "Help this person yourself" in desk.get(f"/steward/people/{enid.handle}/").text
    assert desk.post(url, {"reason": ""}).status_code == 422
    assert desk.post(url, {"reason": "She asked me."}).status_code == 302
    enid.refresh_from_db()
    enid.clean()
    assert enid.helper == steward and AuditVerb.HELP in Audit.objects.filter(member=enid).values_list("verb", flat=True)
    assert desk.get(url_of(enid)).status_code == 200 and as_member.get(url_of(enid)).status_code == 404
    assert desk.post(url, {"reason": "Again."}).status_code == 422


@pytest.mark.parametrize("why", ["has e-mail", "young", "closed", "blocked"])
def test_a_steward_helps_nobody_who_acts_alone_or_is_kept_away(why: str, enid: Member, steward: Member) -> None:
    Audit.end_help(enid, steward, "She asked for it.")
    ways = {"has e-mail": {"email": "enid@example.org"}, "young": {"is_adult": False}, "closed": {"is_active": False}}
    Member.objects.filter(pk=enid.pk).update(**ways.get(why, {}))
    if why == "blocked":
        Block.put(enid, steward)
    with pytest.raises(ValidationError):
        Audit.begin_help(enid, steward, "She asked me.")
    assert Member.objects.get(pk=enid.pk).helper is None


def test_a_steward_ends_the_help_with_a_reason(enid: Member, steward: Member, as_member: Client) -> None:
    desk = signed_in(steward)
    assert "End the help" in desk.get(f"/steward/people/{enid.handle}/").text
    assert desk.post(f"/steward/people/{enid.handle}/unhelp/", {"reason": ""}).status_code == 422
    enid.refresh_from_db()
    assert enid.helper
    desk.post(f"/steward/people/{enid.handle}/unhelp/", {"reason": "She asked for it."})
    enid.refresh_from_db()
    assert enid.helper is None and enid.profile.is_paused
    assert Audit.objects.get(verb=AuditVerb.END_HELP).reason == "She asked for it."
    assert desk.post(f"/steward/people/{enid.handle}/unhelp/", {"reason": "Twice."}).status_code == 422
    assert as_member.get(url_of(enid)).status_code == 404 and desk.get(url_of(enid)).status_code == 200


def test_an_answer_given_on_the_page_of_the_pair_is_on_record_too(
    asked: Connection, enid: Member, member: Member
) -> None:
    asked.accept(member)
    assert len(on_record(enid)) == 1


@pytest.mark.parametrize("by", ["steward", "editor"])
def test_a_closed_account_helps_nobody_any_more(
    by: str, enid: Member, member: Member, stranger: Member, steward: Member
) -> None:
    assert Member.objects.visible_to(stranger).filter(pk=enid.pk).exists()
    if by == "steward":
        Audit.deactivate(member, steward, "He sold our addresses.")
        row = Audit.objects.get(verb=AuditVerb.END_HELP)
        assert (row.member, row.actor) == (enid, steward) and "sold" not in row.words and row.words
    else:
        operator = MemberFactory(is_superuser=True)
        form = UserForm({"name": member.name, "email": member.email}, instance=member, for_user=operator)
        assert form.is_valid() and not form.save().is_active
    enid.refresh_from_db()
    assert enid.helper is None and enid.profile.is_paused
    assert not Member.objects.visible_to(stranger).filter(pk=enid.pk).exists()
    Audit.begin_help(enid, steward, "She asked me.")
    Audit.reactivate(member, steward, "A mistake.") if by == "steward" else None
    enid.refresh_from_db()
    assert enid.helper == steward
