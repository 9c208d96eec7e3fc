"""A host who changes how people come after they have joined: no seat is lost or sold twice, all hear once."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Workflow, WorkflowTask

from community.gatherings import privacy
from community.gatherings.models import GatheringPage, Posting, Registration, Seats
from community.members.models import Member
from community.notices.models import Notice
from community.notices.tasks import mail_notice
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory

pytestmark = pytest.mark.django_db
GATE, LINK = "code zq47qz", "meet.example.org/secret-room"


@pytest.fixture
def host() -> Member:
    """A host for whom a steward vouches."""
    return MemberFactory(verified_at=timezone.now())


def held(host: Member, mode: str, **given: Any) -> GatheringPage:
    """A gathering of theirs, published."""
    at = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=7)
    page = GatheringFactory(author=host, mode=mode, place="Tolver", starts_at=at, **given)
    page.save_revision().publish()
    return GatheringPage.objects.get(pk=page.pk)


def form(page: GatheringPage, **said: Any) -> dict[str, Any]:
    """The host's form as it stands for this page, with what they change."""
    client = signed_in(page.author)
    shown = client.get(f"/gatherings/{page.slug}/edit/").context["form"]
    values = {name: shown[name].value() for name in shown.fields}
    kept = {name: value for name, value in values.items() if not isinstance(value, list) and value}
    return kept | {name: f"{values[name]:%Y-%m-%dT%H:%M}" for name in ("starts_at", "ends_at")} | said


def send(page: GatheringPage, **said: Any) -> Any:
    answer = signed_in(page.author).post(f"/gatherings/{page.slug}/edit/", form(page, **said))
    page.refresh_from_db()
    return answer


def changed(answer: Any) -> None:
    assert answer.status_code == 302, answer.context["form"].errors


def told(member: Member) -> int:
    return int(Notice.objects.filter(member=member, kind="gathering_changed").count())


def taken(page: GatheringPage) -> tuple[int, int]:
    """The counters, which are what the registrations say, too."""
    assert Seats.recount() == 0
    seats = Seats.objects.get(page=page)
    assert seats.mode == page.mode and (seats.capacity, seats.online_capacity) == (page.capacity, page.online_capacity)
    return seats.taken, seats.online_taken


def look(page: GatheringPage, member: Member) -> str:
    """All that a member is served of it."""
    client = signed_in(member)
    urls = (f"/gatherings/{page.slug}/", f"/gatherings/{page.slug}/event.ics", f"/gatherings/{page.slug}/enrol/")
    return "".join(client.get(url).text.replace("\r\n ", "") for url in urls)


def mail_of(member: Member, mailoutbox: Any) -> str:
    mailoutbox.clear()
    mail_notice.func(Notice.objects.filter(member=member, kind="gathering_changed").latest("pk").pk)
    return str(mailoutbox[0].body)


def test_it_adds_the_screen_and_takes_it_away_again(host: Member, mailoutbox: Any) -> None:
    page = held(host, "on-site", capacity=2, online_link="")
    comes, waits, late = MemberFactory(), MemberFactory(), MemberFactory()
    page.enrol(comes, guests=0)
    page.enrol(MemberFactory())
    page.enrol(waits, may_wait=True)
    sent = form(page, mode="hybrid", online_link=f"https://{LINK}", online_capacity="1")
    client, url = signed_in(host), f"/gatherings/{page.slug}/edit/"
    changed(client.post(url, sent))
    changed(client.post(url, sent))  # the same form sent again changes nothing and tells nobody
    page.refresh_from_db()
    assert (told(comes), told(waits), told(host)) == (1, 1, 0) and taken(page) == (2, 0)
    assert GATE in look(page, comes) and LINK not in look(page, waits)
    for who in (comes, waits):
        mail = mail_of(who, mailoutbox)
        assert "On site and online" in mail and LINK not in mail and GATE not in mail
    assert page.enrol(late, is_online=True).is_open and taken(page) == (2, 1)
    Registration.objects.get(member=late).cancel()
    changed(send(page, mode="on-site"))
    assert (told(comes), told(waits), told(late)) == (2, 2, 0) and taken(page) == (2, 0)
    assert Registration.objects.get(member=waits).position == 1


def test_it_lets_those_who_came_online_go_on_doing_so(host: Member, as_member: Client, member: Member) -> None:
    page = held(host, "online", capacity=5)
    seat = page.enrol(member)
    assert LINK in look(page, member) and GATE not in look(page, member)
    changed(send(page, mode="hybrid", capacity="1", online_capacity="3"))
    seat.refresh_from_db()
    assert seat.is_online and taken(page) == (0, 1) and told(member) == 1
    assert LINK in look(page, member) and GATE not in look(page, member)
    assert "You have a seat online" in look(page, member) and "You wanted to" not in look(page, member)
    changed(send(page, mode="online", capacity="5"))
    seat.refresh_from_db()
    assert (seat.is_online, seat.way_gone) == (False, "") and taken(page) == (1, 0) and told(member) == 2
    assert page.seats_left == 4 and LINK in look(page, member)


def test_it_refuses_fewer_seats_online_than_people_came(host: Member, member: Member) -> None:
    page = held(host, "online", capacity=5, max_guests=3)
    page.enrol(member, guests=2)
    answer = send(page, mode="hybrid", capacity="1", online_capacity="2")
    assert answer.status_code == 200 and "Choose 3 or more" in str(answer.context["form"].errors["online_capacity"])
    assert page.mode == "online" and taken(page) == (3, 0) and told(member) == 0


@pytest.fixture
def both(host: Member) -> GatheringPage:
    """Two seats at the place, three online; all of them taken, and somebody waits for each."""
    page = held(host, "hybrid", capacity=2, online_capacity=3, max_guests=2)
    for name, way, guests in (("Pia", False, 0), ("Piet", False, 0), ("Ola", True, 1), ("Olaf", True, 0)):
        page.enrol(MemberFactory(name=name), is_online=way, guests=guests)
    page.enrol(MemberFactory(name="Orla"), is_online=True, may_wait=True)
    page.enrol(MemberFactory(name="Pim"), may_wait=True)
    return page


def who(name: str) -> Member:
    return Member.objects.get(name=name)


def seat_of(name: str) -> Any:
    return Registration.objects.get(member__name=name)


def test_it_takes_no_way_from_anybody_without_a_word(both: GatheringPage) -> None:
    answer = send(both, mode="on-site", capacity="20", title="Zq kept title")
    assert answer.status_code == 200 and "3 people come online" in str(answer.context["form"].errors["mode"])
    assert "Zq kept title" in answer.text and 'value="move"' in answer.text
    assert both.mode == "hybrid" and taken(both) == (2, 3)
    assert not Notice.objects.filter(kind="gathering_changed").exists()
    other = send(both, mode="online", capacity="20")
    assert "3 people come to the place" in str(other.context["form"].errors["mode"]) and both.mode == "hybrid"


def test_it_moves_whom_the_host_moves(both: GatheringPage, mailoutbox: Any) -> None:
    answer = send(both, mode="on-site", fate="move", capacity="4")
    assert "Choose 5 or more" in str(answer.context["form"].errors["capacity"]) and taken(both) == (2, 3)
    changed(send(both, mode="on-site", fate="move", capacity="5"))
    assert taken(both) == (5, 0) and Registration.objects.pending().count() == 6
    names = ["Pia", "Piet", "Ola", "Olaf", "Orla", "Pim"]
    assert [told(who(name)) for name in names] == [1] * 6
    assert Notice.objects.filter(kind="gathering_changed").count() == 6
    assert [seat_of(name).state for name in names] == ["enrolled"] * 4 + ["waiting"] * 2
    assert (seat_of("Orla").position, seat_of("Pim").position) == (1, 2)  # who came first is first
    page = look(both, who("Ola"))
    assert GATE in page and LINK not in page and "kept for you at the place" in page
    assert "You wanted to" not in look(both, who("Pia")) and GATE not in look(both, who("Orla"))
    assert "kept for you at the place" in mail_of(who("Ola"), mailoutbox) and GATE not in mailoutbox[0].body
    assert "You wanted to" not in mail_of(who("Pia"), mailoutbox)
    assert privacy.export(who("Ola"))["registrations"][0]["way_gone"] == "online"
    seat_of("Ola").cancel()
    assert seat_of("Orla").state == "offered" and seat_of("Pim").state == "offered"  # she had brought a guest


def test_it_ends_whose_seats_the_host_ends(both: GatheringPage, mailoutbox: Any) -> None:
    changed(send(both, mode="online", fate="end", capacity="3"))
    assert taken(both) == (3, 0)
    states = {name: seat_of(name).state for name in ("Pia", "Piet", "Pim", "Ola", "Olaf", "Orla")}
    assert states == dict.fromkeys(["Pia", "Piet", "Pim"], "cancelled") | {
        "Ola": "enrolled", "Olaf": "enrolled", "Orla": "waiting",
    }  # fmt: skip
    assert [told(who(name)) for name in states] == [1] * 6
    mail = mail_of(who("Pia"), mailoutbox)
    assert "what you had has ended" in mail and "choose anew" in mail and LINK not in mail
    page = look(both, who("Pia"))
    assert GATE not in page and LINK not in page
    assert LINK in look(both, who("Ola")) and "You wanted to" not in look(both, who("Ola"))
    again = both.enrol(who("Pia"), may_wait=True)
    assert (again.state, again.position) == ("waiting", 2)


def test_it_moves_offers_and_questions_too(host: Member) -> None:
    page = held(host, "hybrid", capacity=5, online_capacity=1, needs_approval=True)
    first, second, third = (page.enrol(MemberFactory(), is_online=True) for _one in range(3))
    first.approve()
    second.approve()
    first.cancel()
    second.refresh_from_db()
    until = second.offer_until
    assert (second.state, third.state) == ("offered", "asked") and until
    changed(send(page, mode="on-site", fate="move"))
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.state, second.offer_until, third.state) == ("offered", until, "asked") and taken(page) == (1, 0)
    second.accept()
    third.approve()
    assert taken(page) == (2, 0) and third.is_open and told(first.member) == 0


def test_it_tells_once_where_new_words_wait_for_a_steward(both: GatheringPage, host: Member) -> None:
    Member.objects.filter(pk=host.pk).update(verified_at=None)
    changed(send(both, mode="on-site", fate="end", summary="Zq other words."))
    assert both.mode == "on-site" and both.has_unpublished_changes and "Zq" not in both.summary
    assert Posting.objects.get(gathering=both).waits_since and taken(both) == (2, 0)
    assert [told(who(name)) for name in ("Pia", "Ola", "Orla")] == [1, 1, 1]
    both.latest_revision.publish()
    assert [told(who(name)) for name in ("Pia", "Ola", "Orla")] == [1, 1, 1]


def test_it_touches_no_seat_where_an_editor_has_locked_the_page(both: GatheringPage) -> None:
    GatheringPage.objects.filter(pk=both.pk).update(locked=True)
    answer = send(both, mode="on-site", fate="move", capacity="9")
    assert "taken down or locked" in str(answer.context["form"].errors["mode"]) and taken(both) == (2, 3)


def test_it_says_why_while_the_page_is_taken_down(both: GatheringPage) -> None:
    GatheringPage.objects.get(pk=both.pk).unpublish()
    answer = send(both, mode="on-site", fate="move", capacity="9")
    assert "taken down or locked" in str(answer.context["form"].errors["mode"]) and taken(both) == (2, 3)
    assert not Notice.objects.filter(kind="gathering_changed").exists()


def test_it_refuses_an_editor_who_cannot_say_what_becomes_of_people(both: GatheringPage) -> None:
    for mode in ("on-site", "online"):
        page = GatheringPage.objects.get(pk=both.pk)
        page.mode, page.capacity = mode, 9
        with pytest.raises(ValidationError, match="Leave that way open"):
            page.full_clean()
        with pytest.raises(ValidationError, match="Leave that way open"):
            page.save(clean=False)
    both.refresh_from_db()
    assert both.mode == "hybrid" and taken(both) == (2, 3)


def test_it_tells_a_moderator_why_what_takes_a_way_cannot_come_out(both: GatheringPage, steward: Member) -> None:
    reading = GroupApprovalTask.objects.create(name="Reading")
    workflow = Workflow.objects.create(name="Somebody reads it")
    WorkflowTask.objects.create(workflow=workflow, task=reading)
    steward.is_superuser = True
    steward.save()
    both.mode, both.capacity = "on-site", 9
    both.save_revision(clean=False)  # written before they joined
    waiting = workflow.start(both, steward).current_task_state
    way = reverse("wagtailadmin_pages:workflow_action", args=[both.pk, "approve", waiting.pk])
    desk = signed_in(steward)
    answer = desk.post(way, {"comment": ""}, follow=True)
    assert answer.redirect_chain == [(reverse("wagtailadmin_pages:edit", args=[both.pk]), 302)]
    assert "people come online, wait or ask for it" in answer.text
    answer = desk.post(way, {"comment": ""}, headers={"x-requested-with": "XMLHttpRequest"})
    assert answer.json() == {"step": "success", "redirect": reverse("wagtailadmin_pages:edit", args=[both.pk])}
    both.refresh_from_db()
    waiting.refresh_from_db()
    assert (both.mode, waiting.status, taken(both)) == ("hybrid", waiting.STATUS_IN_PROGRESS, (2, 3))


@pytest.mark.parametrize("fate", ["steal", "\x00", "x" * 10_000, "9" * 40])
def test_it_refuses_what_is_no_answer(both: GatheringPage, fate: str) -> None:
    answer = send(both, mode="on-site", capacity="9", fate=fate)
    assert answer.status_code == 200 and "fate" in answer.context["form"].errors and taken(both) == (2, 3)


def test_it_leaves_what_is_over_as_it_was(both: GatheringPage) -> None:
    now = timezone.now()
    over = {"starts_at": now - timedelta(hours=5), "ends_at": now - timedelta(hours=2)}
    GatheringPage.objects.filter(pk=both.pk).update(**over)
    page = GatheringPage.objects.get(pk=both.pk)
    page.mode, page.fate, page.capacity = "on-site", "end", 9
    with pytest.raises(ValidationError, match="stays as it was"):
        page.save(clean=False)
    assert Registration.objects.pending().count() == 6


def test_it_asks_only_where_somebody_has_chosen(host: Member) -> None:
    page = held(host, "hybrid", online_capacity=3)
    url = f"/gatherings/{page.slug}/edit/"
    assert "what becomes of them" not in signed_in(host).get(url).text
    page.enrol(MemberFactory())
    assert "what becomes of them" in signed_in(host).get(url).text


@pytest.mark.parametrize(("was", "now", "words"), [
    ("online", "on-site", "2 people come online"), ("on-site", "online", "2 people come to the place"),
])  # fmt: skip
def test_it_switches_in_one_step_only_with_the_hosts_word(host: Member, was: str, now: str, words: str) -> None:
    page = held(host, was, capacity=1)
    comes, waits = MemberFactory(), MemberFactory()
    page.enrol(comes)
    page.enrol(waits, may_wait=True)
    answer = send(page, mode=now)
    assert words in str(answer.context["form"].errors["mode"]) and 'value="end"' in answer.text
    assert page.mode == was and taken(page) == (1, 0) and told(comes) == 0
    inner = {"on-site": GATE, "online": LINK}
    assert inner[was] in look(page, comes) and inner[now] not in look(page, comes)


def test_it_moves_from_the_screen_to_the_place_by_the_hosts_word(host: Member, mailoutbox: Any) -> None:
    page = held(host, "online", capacity=1)
    comes, waits = MemberFactory(), MemberFactory()
    page.enrol(comes)
    page.enrol(waits, may_wait=True)
    changed(send(page, mode="on-site", fate="move"))
    assert taken(page) == (1, 0) and (told(comes), told(waits)) == (1, 1)
    assert GATE in look(page, comes) and "kept for you at the place" in look(page, comes)
    assert GATE not in look(page, waits) and Registration.objects.get(member=waits).position == 1
    assert "kept for you at the place" in mail_of(comes, mailoutbox)


def test_it_shows_no_place_to_those_whose_seats_ended_with_the_screen(host: Member, mailoutbox: Any) -> None:
    page = held(host, "online", capacity=1)
    comes, waits, new = MemberFactory(), MemberFactory(), MemberFactory()
    page.enrol(comes)
    page.enrol(waits, may_wait=True)
    changed(send(page, mode="on-site", fate="end"))
    assert taken(page) == (0, 0) and (told(comes), told(waits)) == (1, 1)
    for who_left in (comes, waits):
        seen = look(page, who_left)
        assert GATE not in seen and LINK not in seen and "You have a seat" not in seen
        mail = mail_of(who_left, mailoutbox)
        assert "what you had has ended" in mail and GATE not in mail
    assert page.enrol(new).state == "enrolled" and page.enrol(comes, may_wait=True).state == "waiting"
