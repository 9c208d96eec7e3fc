"""What is written in a circle: minutes, what is to be done, polls, questions; for those inside, and nobody else."""

import uuid
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.circles.models import Action, Circle, Minutes, Poll
from community.members.models import Block, Member
from community.notices.models import Notice
from community.questions.models import Question
from tests.conftest import signed_in
from tests.factories import CircleFactory, MemberFactory

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
BAD = ["", " ", "\x00", "...", "x" * 20_000, "\ud800"]


@pytest.fixture
def leader(db: None) -> Member:
    """Who leads the circle."""
    return MemberFactory(name="Lena Leads")


@pytest.fixture
def circle(leader: Member, member: Member) -> Circle:
    """A circle of the leader and the member."""
    return CircleFactory(by=leader, people=[member])


def send(client: Client, url: str, **fields: Any) -> Any:
    """A form as a browser sends it, also with letters that are none."""
    body = urlencode({"form_key": str(uuid.uuid4())} | fields, errors="surrogatepass", doseq=True)
    return client.post(url, body, content_type="application/x-www-form-urlencoded")


# --- Minutes ----------------------------------------------------------------------------------------------------


def test_it_writes_minutes_that_only_the_circle_reads(
    circle: Circle, leader: Member, as_member: Client, as_stranger: Client
) -> None:
    url = f"{circle.get_absolute_url()}minutes/new/"
    sent = {
        "met_on": TODAY().isoformat(),
        "text": "The quick died.\n\nWe lay <b>later</b>.",
        "form_key": str(uuid.uuid4()),
    }
    answers = [as_member.post(url, sent) for _twice in range(2)]
    minutes = Minutes.objects.get()
    assert [answer.url for answer in answers] == [minutes.get_absolute_url()] * 2
    text = signed_in(leader).get(minutes.get_absolute_url()).text
    assert "The quick died." in text and "&lt;b&gt;later" in text and "Alma Field" in text
    assert Notice.objects.filter(member=leader, kind="circle_minutes").count() == 1
    assert as_stranger.get(minutes.get_absolute_url()).status_code == 404
    assert as_stranger.get(url).status_code == 404
    assert Client().get(minutes.get_absolute_url()).status_code == 302


@pytest.mark.parametrize("text", BAD)
def test_it_keeps_minutes_that_cannot_be_taken(circle: Circle, as_member: Client, text: str) -> None:
    answer = send(as_member, f"{circle.get_absolute_url()}minutes/new/", met_on=TODAY().isoformat(), text=text)
    if text == "\ud800":
        assert answer.status_code in (200, 302)
        return
    assert answer.status_code == 200 and "errorlist" in answer.text and not Minutes.objects.exists()


@pytest.mark.parametrize("day", ["", "0001-01-01", "9999-12-31", "tomorrow", "1" * 400])
def test_it_takes_no_day_that_cannot_be(circle: Circle, as_member: Client, day: str) -> None:
    answer = send(as_member, f"{circle.get_absolute_url()}minutes/new/", met_on=day, text="We met.")
    assert answer.status_code == 200 and "errorlist" in answer.text and "We met." in answer.text
    tomorrow = (TODAY() + timedelta(days=1)).isoformat()
    assert (
        "still to come" in send(as_member, f"{circle.get_absolute_url()}minutes/new/", met_on=tomorrow, text="We").text
    )


def test_it_lets_writer_and_leader_put_minutes_right(circle: Circle, member: Member, leader: Member) -> None:
    other = MemberFactory()
    circle.join(other)
    minutes = Minutes.write(circle, member, TODAY(), "We met in the barn.")
    url = f"{minutes.get_absolute_url()}edit/"
    assert signed_in(other).get(url).status_code == 404
    boss = signed_in(leader)
    version = boss.get(url).context["form"]["version"].value()
    fields = {"met_on": TODAY().isoformat(), "version": version}
    assert send(signed_in(member), url, text="We met at Alma's.", **fields).status_code == 302
    stale = send(boss, url, text="We met at Lena's.", **fields)  # opened before the writer had saved
    assert stale.status_code == 409 and "We met at Alma&#x27;s." in stale.text and "at Lena&#x27;s" in stale.text
    minutes.refresh_from_db()
    assert minutes.text == "We met at Alma's." and minutes.edited_at


def test_whoever_has_left_reads_nothing_more_and_is_not_named(circle: Circle, member: Member, leader: Member) -> None:
    minutes = Minutes.write(circle, member, TODAY(), "We met.")
    circle.leave(member)
    assert signed_in(member).get(minutes.get_absolute_url()).status_code == 404
    text = signed_in(leader).get(minutes.get_absolute_url()).text
    assert "We met." in text and member.name not in text
    with pytest.raises(ValidationError):
        minutes.change(member, TODAY(), "We never met.")


# --- To be done -------------------------------------------------------------------------------------------------


def test_it_puts_down_who_does_what_and_ticks_it_off(circle: Circle, member: Member, leader: Member) -> None:
    minutes = Minutes.write(circle, leader, TODAY(), "We met.")
    url = f"{circle.get_absolute_url()}to-do/new/?minutes={minutes.pk}"
    sent = {"text": "Order the quick", "doer": member.pk, "due_on": (TODAY() + timedelta(days=9)).isoformat()}
    assert send(signed_in(leader), url, **sent).url == minutes.get_absolute_url()
    action = Action.objects.get()
    assert (action.doer, action.minutes) == (member, minutes)
    assert Notice.objects.filter(member=member, kind="circle_task").count() == 1
    assert "Order the quick" in signed_in(member).get(circle.get_absolute_url()).text
    for _twice in range(2):
        signed_in(member).post(f"{circle.get_absolute_url()}to-do/{action.pk}/tick/")
    action.refresh_from_db()
    assert action.done_at and "Order the quick" not in signed_in(leader).get(circle.get_absolute_url()).text
    signed_in(leader).post(f"{circle.get_absolute_url()}to-do/{action.pk}/tick/", {"done": "no"})
    action.refresh_from_db()
    assert action.done_at is None


def test_it_gives_nothing_to_somebody_outside(circle: Circle, member: Member, stranger: Member) -> None:
    with pytest.raises(ValidationError):
        Action.give(circle, member, "Order the quick", stranger)
    url = f"{circle.get_absolute_url()}to-do/new/"
    for doer in (stranger.pk, "9" * 30, "x"):
        answer = send(signed_in(member), url, text="Order the quick", doer=doer)
        assert answer.status_code == 200 and "Order the quick" in answer.text
    assert send(signed_in(stranger), url, text="Order the quick").status_code == 404
    assert not Action.objects.exists()


# --- Polls ------------------------------------------------------------------------------------------------------


def poll(circle: Circle, by: Member, **words: Any) -> Poll:
    given = {"title": "Which day?", "closes_on": TODAY() + timedelta(days=7)} | words
    return Poll.put(circle, by, ["Monday", "Tuesday"], **given)


def test_it_asks_the_circle_and_shows_names_after_the_last_day(circle: Circle, member: Member, leader: Member) -> None:
    fields = {"title": "Which day?", "answers": "Monday\nTuesday\n\nMonday", "closes_on": TODAY().isoformat()}
    assert send(signed_in(leader), f"{circle.get_absolute_url()}polls/new/", **fields).status_code == 302
    one = Poll.objects.get()
    monday, tuesday = one.choices.all()
    client, url = signed_in(member), one.get_absolute_url()
    client.post(url, {"chosen": monday.pk})
    assert "Thank you" in client.post(url, {"chosen": tuesday.pk}, follow=True).text  # one can change one's mind
    assert one.results(member) is None and "after the last day" in client.get(url).text
    Poll.objects.update(closes_on=TODAY() - timedelta(days=1))
    one.refresh_from_db()
    assert [(c.text, c.votes, c.names) for c in one.results(leader) or []] == [
        ("Monday", 0, []), ("Tuesday", 1, ["Alma Field"]),
    ]  # fmt: skip
    assert "Alma Field" in signed_in(leader).get(url).text
    with pytest.raises(ValidationError, match="ended"):
        one.vote(leader, [monday.pk])


def test_nobody_can_tell_who_chose_what_in_an_anonymous_poll(circle: Circle, member: Member, leader: Member) -> None:
    third = MemberFactory()
    circle.join(third)
    one = poll(circle, leader, is_anonymous=True)
    monday, tuesday = one.choices.all()
    one.vote(member, [monday.pk])
    one.vote(member, [tuesday.pk])  # the first counts, and only once
    one.vote(leader, [tuesday.pk])
    assert not Poll.objects.get().ballots.filter(choices__isnull=False).exists()
    one.close(leader)
    assert one.results(leader) is None and "Too few" in signed_in(leader).get(one.get_absolute_url()).text
    Poll.objects.update(closed_at=None)
    one.refresh_from_db()
    one.vote(third, [monday.pk])
    one.close(leader)
    assert [c.votes for c in one.results(leader) or []] == [2, 1]
    page = signed_in(leader).get(one.get_absolute_url()).text
    assert third.name not in page and '<th scope="col">Who' not in page
    with pytest.raises(ValidationError):
        poll(circle, leader, is_anonymous=True, shows_at_once=True)


def test_it_counts_nobody_whom_a_block_keeps_away(circle: Circle, member: Member, leader: Member) -> None:
    third = MemberFactory(name="Theo Third")
    circle.join(third)
    one = poll(circle, leader, shows_at_once=True)
    choice = one.choices.first()
    for who in (member, third):
        one.vote(who, [choice.pk])  # type: ignore[union-attr]
    Block.put(third, member)
    assert (one.results(member) or [])[0].names == ["Alma Field"] and (one.results(leader) or [])[0].votes == 2
    assert "Theo" not in signed_in(member).get(one.get_absolute_url()).text


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "..."}, {"answers": "One"}, {"answers": "\n".join(str(n) for n in range(11))},
        {"answers": "x" * 5000}, {"closes_on": "2020-01-01"}, {"closes_on": "9999-12-31"},
        {"title": "\x00"}, {"answers": "a\na\n a "},
    ],
)  # fmt: skip
def test_it_puts_no_poll_that_makes_no_sense(circle: Circle, as_member: Client, fields: dict[str, str]) -> None:
    good = {"title": "Which day?", "answers": "Monday\nTuesday", "closes_on": TODAY().isoformat()}
    answer = send(as_member, f"{circle.get_absolute_url()}polls/new/", **good | fields)
    assert answer.status_code == 200 and "errorlist" in answer.text and not Poll.objects.exists()


def test_it_takes_no_answer_that_is_none(circle: Circle, leader: Member, member: Member, stranger: Member) -> None:
    one, other = poll(circle, leader), poll(circle, leader, title="Another?")
    client = signed_in(member)
    wrong: list[Any] = ["", "x", "9" * 40, other.choices.first().pk, [c.pk for c in one.choices.all()], "\x00"]
    for chosen in wrong:
        client.post(one.get_absolute_url(), {"chosen": chosen})
        assert not one.ballots.exists()
    assert signed_in(stranger).post(one.get_absolute_url(), {"chosen": 1}).status_code == 404
    with pytest.raises(ValidationError):
        one.vote(stranger, [one.choices.first().pk])
    with pytest.raises(ValidationError):
        one.close(member)


# --- Questions --------------------------------------------------------------------------------------------------


def test_it_asks_among_the_people_of_the_circle(
    circle: Circle, member: Member, leader: Member, as_member: Client, as_stranger: Client
) -> None:
    sent = {"title": "How deep do you plant the quick?", "text": ""}
    assert send(as_member, f"{circle.get_absolute_url()}questions/ask/", **sent).status_code == 302
    question = Question.objects.get()
    boss = signed_in(leader)
    assert question.title in boss.get(question.get_absolute_url()).text
    assert question.title in boss.get("/questions/").text and question.title in boss.get(circle.get_absolute_url()).text
    assert boss.get(f"/circles/of/{question.group_id}/").url == circle.get_absolute_url()
    assert boss.get(f"/circles/of/{10**23}/").status_code == 404  # no database knows such a number
    assert send(boss, f"{question.get_absolute_url()}answer/", text="A spade deep.").status_code == 302
    answer = question.answers.get()
    as_member.post(f"/questions/answers/{answer.pk}/helped/")
    question.refresh_from_db()
    assert question.accepted == answer
    for outside in (as_stranger, Client(), signed_in(MemberFactory(is_steward=True))):
        assert outside.get(question.get_absolute_url()).status_code == 404
        assert question.title not in outside.get("/questions/").text
        assert outside.get(f"/circles/of/{question.group_id}/").status_code in (302, 404)
    with pytest.raises(ValidationError):
        question.answer(MemberFactory(), "I know better.")
    with pytest.raises(ValidationError):
        Question.ask(MemberFactory(), None, "May I ask in here, too?", group=circle.group)


def test_nobody_writes_in_a_circle_that_has_ended(circle: Circle, member: Member, leader: Member) -> None:
    minutes = Minutes.write(circle, member, TODAY(), "We met.")
    one = poll(circle, leader)
    circle.end(leader, "It was good.")
    client = signed_in(member)
    assert "It was good." in client.get(circle.get_absolute_url()).text
    assert client.get(minutes.get_absolute_url()).status_code == 200
    for url in ("minutes/new/", "to-do/new/", "polls/new/", "questions/ask/", "agenda/"):
        assert client.get(f"{circle.get_absolute_url()}{url}").status_code == 404
    with pytest.raises(ValidationError):
        one.vote(member, [one.choices.first().pk])
    with pytest.raises(ValidationError):
        circle.ask_inside(member, "Is anybody still here?")
    with pytest.raises(ValidationError):
        circle.join(MemberFactory())


def test_everybody_inside_plans_the_next_meeting(circle: Circle, as_member: Client, as_stranger: Client) -> None:
    url = f"{circle.get_absolute_url()}agenda/"
    version = as_member.get(url).context["form"]["version"].value()
    day = (TODAY() + timedelta(days=20)).isoformat()
    assert send(as_member, url, next_on=day, agenda="Who brings soup", version=version).status_code == 302
    assert "Who brings soup" in as_member.get(circle.get_absolute_url()).text
    assert as_stranger.get(url).status_code == 404
    assert "Who brings soup" not in as_stranger.get(circle.get_absolute_url()).text
    assert send(as_member, url, next_on=day, agenda="Nothing", version=version).status_code == 409


def test_each_thing_to_do_is_told_by_itself(circle: Circle, member: Member, leader: Member) -> None:
    for text in ("Order the quick", "Sharpen the billhook", "Order the quick"):
        Action.give(circle, leader, text, member)
    told = Notice.objects.filter(member=member, kind="circle_task").order_by("pk")
    assert told.count() == 2  # what was put down twice was put down once
    client = signed_in(member)
    assert all(client.get(one.url).status_code == 200 for one in told)
    for one in told:
        one.is_mail = True
        assert circle.name in " ".join(one.lines)  # its mail still knows the circle


def test_the_next_meeting_lies_ahead(member: Member, as_member: Client) -> None:
    circle = CircleFactory(by=member)
    address = f"{circle.get_absolute_url()}agenda/"
    for day in (date(1, 1, 1), timezone.localdate() - timedelta(days=1)):
        version = as_member.get(address).context["form"]["version"].value()
        answer = send(as_member, address, next_on=day.isoformat(), agenda="Sharpen the BILLHOOKS.", version=version)
        assert "still to come" in answer.text and "BILLHOOKS" in answer.text
    circle.refresh_from_db()
    assert circle.next_on is None
    circle.plan(member, timezone.localdate(), "Today.")
    Circle.objects.filter(pk=circle.pk).update(next_on=date(2020, 1, 1))
    circle.plan(member, date(2020, 1, 1), "What was said, still to be written up.")  # what stands there may stay


def body_of(one: Member, mailoutbox: list[Any]) -> str:
    """The one mail in which somebody hears what they are to do."""
    mailoutbox.clear()
    Notice.objects.filter(member=one).exclude(kind="circle_task").delete()
    Notice.objects.filter(member=one).update(mailed_at=None, mail_key="", mail_due_at=timezone.now())
    assert Notice.mail(Notice.objects.get(member=one).pk)
    return " ".join(mailoutbox[0].body.split())


def test_its_mail_says_what_is_to_be_done_and_by_when(
    circle: Circle, member: Member, leader: Member, mailoutbox: list[Any]
) -> None:
    action = Action.give(circle, leader, "Order the quick", member, date(2027, 3, 1))
    text = body_of(member, mailoutbox)
    assert (
        f"{circle.name} Order the quick By 1 March 2027 It stands here: http://testserver/circles/{circle.slug}/"
        in text
    )
    action.tick(member)
    assert "Order the quick" not in (done := body_of(member, mailoutbox)) and "What it is, and by when:" in done
    action.tick(member, is_done=False)
    Action.objects.update(due_on=None)
    assert "Order the quick It stands here:" in body_of(member, mailoutbox)
    circle.leave(member)  # nothing that is inside is mailed to whoever is not
    assert "Order the quick" not in body_of(member, mailoutbox)


def test_a_helper_is_mailed_nothing_of_a_circle_that_is_not_theirs(
    circle: Circle, member: Member, leader: Member, mailoutbox: list[Any]
) -> None:
    helper = MemberFactory()
    enid = helper.help("Old Enid", is_adult=True)
    type(enid.profile).objects.update(open_to=["peer"])
    circle.invite(leader, enid)
    circle.join(enid)
    Action.give(circle, leader, "Order the quick", enid)
    assert "Order the quick" not in body_of(enid, mailoutbox) and mailoutbox[0].to == [helper.email]
    circle.invite(leader, helper)
    circle.join(helper)
    assert "Order the quick" in body_of(enid, mailoutbox)
