"""A letter is of use alone, tells each thing until it was told, and says what was done in somebody's name."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult

from community.circles.models import Action
from community.connections.models import Connection, MailLink, Message
from community.gatherings.models import Registration
from community.members.models import Block, Member
from community.notices.models import Letter, Notice, NoticeKind, Way
from community.notices.models.mail import about_notices
from community.trust.models import Audit
from home import helping
from home.tree import plant
from tests.circles.test_lists import asked as asked_of
from tests.conftest import signed_in
from tests.factories import CircleFactory, GatheringFactory, MemberFactory, QuestionFactory
from tests.home.test_help import act, on_record
from tests.home.test_letter import QUESTION, print_it, url_of

pytestmark = pytest.mark.django_db
LIST = "/steward/letters/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def tree(db: None) -> None:
    """The pages that stand in every community."""
    plant()


def printed(page: Any) -> str:
    """What of a page goes on paper."""
    return str(page.text.partition('<div class="letter ')[2].partition('<div class="no-print')[0])


@pytest.mark.parametrize("kind", ["gathering_changed", "gathering_called_off", "gathering_reminder", "seat_offered"])
def test_it_says_which_gathering_and_a_steward_reads_its_title(
    kind: str, enid: Member, as_member: Client, steward: Member
) -> None:
    gathering = GatheringFactory(title="Scythe day")
    gathering.enrol(enid)
    Notice.send(enid, NoticeKind(kind), f"/gatherings/{gathering.slug}/")
    for reader in (as_member, signed_in(steward)):
        assert "Scythe day" in printed(reader.get(url_of(enid)))


def test_a_seat_that_has_gone_has_no_slip(enid: Member, as_member: Client) -> None:
    gathering = GatheringFactory(capacity=1)
    first, waiting = gathering.enrol(MemberFactory()), gathering.enrol(enid, may_wait=True)
    first.cancel()
    assert "I take the seat" in printed(as_member.get(url_of(enid)))
    Registration.objects.filter(pk=waiting.pk).update(offer_until=timezone.now() - timedelta(hours=1))
    Registration.lapse_due()
    assert "I take the seat" not in printed(as_member.get(url_of(enid)))


def test_it_has_no_title_that_whoever_helps_may_not_see(enid: Member, as_member: Client) -> None:
    kept_in_a_circle(enid, [enid])
    assert "Secret hedge" not in as_member.get(url_of(enid)).text


@pytest.mark.parametrize("how", ["one", "all"])
def test_what_whoever_helps_saw_on_the_site_still_goes_on_paper(
    how: str, asked: Connection, enid: Member, as_member: Client, steward: Member
) -> None:
    notice = Notice.objects.get(member=enid)
    as_member.post("/notices/read/" if how == "all" else notice.get_absolute_url())
    assert [one.notice for one in as_member.get(url_of(enid)).context["entries"]] == [notice]
    assert enid.name in signed_in(steward).get(LIST).text
    print_it(as_member, enid)
    notice.refresh_from_db()
    assert notice.read_at and enid.name not in signed_in(steward).get(LIST).text


def test_a_stewards_letter_stops_no_mail_of_whoever_helps(
    asked: Connection, enid: Member, steward: Member, mailoutbox: list[Any]
) -> None:
    Notice.objects.update(mailed_at=None, mail_key="", mail_due_at=timezone.now())
    notice, desk = Notice.objects.get(member=enid), signed_in(steward)
    assert QUESTION not in desk.get(url_of(enid)).text
    print_it(desk, enid)
    before = len(mailoutbox)
    assert Letter.objects.count() == 1
    Notice.mail(notice.pk)
    assert len(mailoutbox) == before + 1


def test_what_happens_again_within_a_day_stands_in_the_next(enid: Member, as_member: Client, stranger: Member) -> None:
    for _twice in range(2):
        Notice.send(enid, NoticeKind.MESSAGE_RECEIVED, "/connections/1/", actor=stranger)
        assert len(as_member.get(url_of(enid)).context["entries"]) == 1
        print_it(as_member, enid)
    assert Letter.objects.count() == 2


def test_what_was_done_in_the_name_is_a_letter_by_itself_whoever_did_it(
    asked: Connection, enid: Member, as_member: Client, steward: Member
) -> None:
    act(as_member, enid, "accept", asked.pk, version=asked.version)
    act(as_member, enid, "told", list(Notice.objects.filter(member=enid).values_list("pk", flat=True))[0])
    assert len(on_record(enid)) == 2
    Audit.end_help(enid, steward, "She asked for it")
    Member.objects.filter(pk=enid.pk).update(helper=MemberFactory())
    desk = signed_in(steward)
    assert enid.name in desk.get(LIST).text and "said yes" in printed(desk.get(url_of(enid)))
    again = desk.post(url_of(enid)).url
    assert "said yes" in printed(desk.get(again))
    assert enid.name not in desk.get(LIST).text and printed(desk.get(url_of(enid))) == ""


def test_what_whoever_helps_does_by_a_link_or_in_a_thread_is_on_record(
    asked: Connection, enid: Member, member: Member
) -> None:
    link = MailLink.read(MailLink.url(asked, "accept").rstrip("/").rpartition("/")[2], None)
    assert link is not None
    link.answer()
    assert on_record(enid) == ["said yes to a question"]
    Message.write(asked, member, "I say this in her name.")
    assert Message.objects.get().writer == enid and len(on_record(enid)) == 2


def test_a_seat_that_is_hers_already_is_not_taken_once_more(enid: Member, as_member: Client) -> None:
    seat = GatheringFactory().enrol(enid)
    act(as_member, enid, "take", seat.pk)
    assert on_record(enid) == []


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_a_form_without_its_version_answers_nothing(
    version: str, asked: Connection, enid: Member, as_member: Client
) -> None:
    act(as_member, enid, "accept", asked.pk, version=version)
    asked.refresh_from_db()
    assert asked.state == "proposed"


def test_nothing_leads_to_a_letter_for_somebody_under_18(member: Member, steward: Member) -> None:
    young = member.help("Young Tim", is_adult=False)
    assert url_of(young) not in signed_in(steward).get(f"/steward/people/{young.handle}/").text


def test_each_reads_in_their_own_language_what_was_done(
    asked: Connection, enid: Member, member: Member, as_member: Client, steward: Member
) -> None:
    seat, desk = GatheringFactory().enrol(enid), signed_in(steward)
    enid.speak("fr")
    helping.act_for(member, enid, "accept", asked.pk, asked.version)
    with translation.override("fr"):  # whatever was spoken when it was done
        helping.act_for(member, enid, "give_back", seat.pk)
        assert GatheringFactory().enrol(enid).give_back_by_link()
    assert "said yes to a question" in (page := desk.get("/steward/").text) and "gave a seat back" in page
    for reader in (as_member, desk):
        whole = reader.get(url_of(enid)).text
        assert "a dit oui à une question" in printed(reader.get(url_of(enid))) and "a rendu une place" in whole
        assert (whole.count("said yes to a question"), whole.count("gave a seat back")) == (1, 2)


def test_a_question_that_was_told_twice_stands_there_once_with_one_slip(
    asked: Connection, enid: Member, as_member: Client, steward: Member, stranger: Member
) -> None:
    Notice.send(enid, NoticeKind.CONNECTION_DUE, asked.get_absolute_url(), actor=stranger)
    for reader, words in ((as_member, 1), (signed_in(steward), 0)):
        letter = printed(reader.get(url_of(enid)))
        assert letter.count("Cut here") == 1 and letter.count(QUESTION) == words
        assert "1. " in letter and "2. " in letter
    other = Connection.objects.create(asker=MemberFactory(), asked=enid, kind="peer", message="May I see your shed?")
    Notice.send(enid, NoticeKind.CONNECTION_PROPOSED, other.get_absolute_url(), actor=other.asker)
    assert printed(as_member.get(url_of(enid))).count("Cut here") == 2  # each its own


def test_a_question_told_first_without_a_slip_keeps_its_slip(
    asked: Connection, enid: Member, as_member: Client, stranger: Member
) -> None:
    Notice.objects.filter(member=enid).delete()
    for kind in (NoticeKind.CONNECTION_INTRODUCED, NoticeKind.CONNECTION_PROPOSED):  # brought together, then asked
        Notice.send(enid, kind, asked.get_absolute_url(), actor=stranger)
    letter = printed(as_member.get(url_of(enid)))
    assert letter.count(QUESTION) == 1 and letter.count("Cut here") == 1


def kept_in_a_circle(enid: Member, people: list[Member]) -> Notice:
    """Something new for Enid, on a page that only the people of a closed circle find."""
    leader = MemberFactory()
    circle = CircleFactory(by=leader, people=people, door="closed")
    gathering = GatheringFactory(author=leader, title=f"Secret hedge talk {leader.pk}")
    circle.keep(leader, gathering)
    Notice.objects.filter(kind=NoticeKind.CIRCLE_INVITED).delete()
    notice = Notice.send(enid, NoticeKind.FOLLOWED_NEW, gathering.url or "/")
    Notice.objects.filter(pk=notice.pk).update(page=gathering.pk)
    return notice


def test_nothing_is_put_on_paper_that_whoever_prints_cannot_see(
    asked: Connection, enid: Member, member: Member, as_member: Client, stranger: Member, steward: Member
) -> None:
    Block.put(member, stranger)  # of the helper; she herself may hear of it
    unseen = [Notice.objects.get(member=enid), kept_in_a_circle(enid, [enid])]
    as_member.post(url_of(enid), {"notice": [one.pk for one in unseen]})
    assert not Letter.objects.exists() and not Notice.objects.exclude(letter=None).exists()
    assert enid.name in signed_in(steward).get(LIST).text


@pytest.mark.parametrize("why", ["block", "her page", "their page"])
def test_nobody_waits_for_a_letter_in_which_nothing_would_stand(
    why: str, enid: Member, stranger: Member, steward: Member
) -> None:
    desk, people = signed_in(steward), {"her page": [steward], "their page": [enid]}
    if why == "block":
        Notice.send(enid, NoticeKind.CONNECTION_PROPOSED, "/connections/1/", actor=stranger)
        Block.put(steward, stranger)
    else:
        kept_in_a_circle(enid, people[why])
    assert printed(desk.get(url_of(enid))) == ""
    assert enid.name not in desk.get(LIST).text and "a letter waits: 0" in desk.get("/steward/").text
    kept_in_a_circle(enid, [enid, steward])
    assert enid.name in desk.get(LIST).text and "a letter waits: 1" in desk.get("/steward/").text


@pytest.mark.parametrize("fault", [smtplib.SMTPDataError(452, b"full"), TimeoutError()], ids=["a no", "no answer"])
def test_what_is_put_on_paper_while_its_mail_is_under_way_goes_by_paper(
    fault: Exception, enid: Member, as_member: Client, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[Any]
) -> None:
    printed_one, other = (
        Notice.send(enid, NoticeKind(kind), "/circles/") for kind in ("circle_joined", "circle_ended")
    )
    Notice.objects.update(mail_due_at=F("created_at") + timedelta(microseconds=1))  # both in one mail

    def meanwhile(*_args: Any) -> None:
        as_member.post(url_of(enid), {"notice": [printed_one.pk]})
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", meanwhile)
        assert not Notice.mail(printed_one.pk)
    for one in (printed_one, other):
        one.refresh_from_db()
    assert (printed_one.letter, printed_one.mail_due_at) == (Letter.objects.get(), None)
    assert other.mail_due_at and other.mail_tries == 1 and Notice.objects.figures().waits == 1
    (again,) = DBTaskResult.objects.filter(run_after__gt=timezone.now(), run_after__lt=timezone.now() + DAY)
    assert again.args_kwargs["args"] == [other.pk]
    Notice.objects.filter(pk=other.pk).update(mail_due_at=timezone.now())
    assert not Notice.mail(printed_one.pk) and Notice.mail(other.pk)
    assert [one.subject for one in mailoutbox] == ["A circle has ended"]


def test_what_is_on_paper_is_no_mail_that_waits_though_one_died_with_it(enid: Member) -> None:
    notice = Notice.send(enid, NoticeKind.CIRCLE_JOINED, "/circles/")
    begun = {"mail_key": "a" * 32, "mail_tries": 1, "mailed_at": None, "mail_due_at": timezone.now() - DAY}
    Notice.objects.filter(pk=notice.pk).update(**begun)
    assert Notice.objects.figures().waits == 1
    Notice.objects.filter(pk=notice.pk).update(way=Way.HERE)
    figures = Notice.objects.figures()
    assert (figures.waits, figures.not_taken, figures.oldest) == (0, 0, None)


def test_it_is_put_on_paper_behind_the_locks_of_both(enid: Member, as_member: Client) -> None:
    notice = Notice.send(enid, NoticeKind.CIRCLE_JOINED, "/circles/")
    with CaptureQueriesContext(connection) as queries:
        assert Letter.put(enid, enid.helper, {notice.pk})
    asked_for = [query["sql"] for query in queries]
    held = next(place for place, sql in enumerate(asked_for) if f"IN ({enid.pk}, {enid.helper_id}) ORDER BY" in sql)
    assert not any("notices_notice" in sql for sql in asked_for[:held])
    if connection.features.has_select_for_no_key_update:
        assert "FOR NO KEY UPDATE" in asked_for[held]


def test_what_it_says_of_many_things_is_fetched_at_once(enid: Member, member: Member, as_member: Client) -> None:
    counts = []
    for _round in range(2):
        for kind in ("gathering_changed", "gathering_reminder", "circle_minutes", "circle_task", "answer_received"):
            for _one in range(2):
                gathering, circle = GatheringFactory(place="Broughton"), CircleFactory(people=[enid])
                gathering.enrol(enid)
                task = Action.objects.create(circle=circle, doer=enid, text="Order the quick")
                url = {
                    "circle": f"{circle.get_absolute_url()}?task={task.pk}",
                    "answer": QuestionFactory(member=enid).get_absolute_url(),
                }.get(kind.partition("_")[0], f"/gatherings/{gathering.slug}/")
                Notice.objects.filter(kind=NoticeKind.CIRCLE_INVITED).delete()
                Notice.send(enid, NoticeKind(kind), url)
        page = printed(as_member.get(url_of(enid)))
        assert page.count("letter__thing") == 10 * (_round + 1) and page.count("Broughton") >= 4 * (_round + 1)
        counts.append(asked_of(as_member, url_of(enid)))
        with CaptureQueriesContext(connection) as queries:
            rows = list(Notice.objects.filter(member=enid).select_related("member__helper", "actor"))
            assert about_notices(member, rows, {"off": ""}).body.count("Something has changed") == 2 * (_round + 1)
        counts.append(len(queries))
    assert counts[:2] == counts[2:] and counts[0] <= 22, counts  # two of them ask what the helper finds
