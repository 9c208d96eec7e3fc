"""My own pages: what I tell, allow and hide."""

import re
from typing import Any

import pytest
from django.test import Client

from community.members.models import Block, Draft, Member, Rules, Skill, Statement
from tests.conftest import signed_in
from tests.factories import MemberFactory, StatementFactory

pytestmark = pytest.mark.django_db


def fields_of(page: Any) -> dict[str, Any]:
    """What a browser would send if the form on the page were sent as it stands."""
    data = dict(page.context["form"].initial)
    for hidden in ("form_key", "version"):
        if hidden in page.context["form"].fields:
            data[hidden] = re.search(rf'name="{hidden}" value="([^"]*)"', page.content.decode()).group(1)  # type: ignore[union-attr]
    return {name: value for name, value in data.items() if value is not None and value is not False}


def send(browser: Client, url: str, **changes: Any) -> Any:
    """Open a form, change something, send it."""
    return browser.post(url, fields_of(browser.get(url)) | changes)


@pytest.mark.parametrize(
    "url", ["/me/", "/me/about/", "/me/place/", "/me/allow/", "/me/wishes/", "/me/lines/", "/me/lines/new/",
            "/me/blocks/", "/me/privacy/", "/me/people/new/", "/notices/", "/people/"]
)  # fmt: skip
def test_it_shows_each_page_to_its_owner_only(url: str, as_member: Client, minor: Member) -> None:
    assert as_member.get(url).status_code == 200
    assert signed_in(minor).get(url).status_code == 200
    away = Client().get(url)
    assert away.status_code == 302 and away["Location"].startswith("/accounts/login/?next=")


def test_it_saves_one_topic_and_counts_the_version_up(as_member: Client, member: Member) -> None:
    sent = send(as_member, "/me/about/", trade="Hedge layer", languages=["cy", "en"], roles=["mentor"], name="Alma F.")
    assert sent.status_code == 302
    member.refresh_from_db()
    assert (member.name, member.profile.trade, member.profile.languages) == ("Alma F.", "Hedge layer", ["en", "cy"])
    assert member.profile.version == 1


def test_it_keeps_how_many_questions_may_come_in_a_week(as_member: Client, member: Member) -> None:
    assert send(as_member, "/me/allow/", weekly_requests="2").status_code == 302
    member.profile.refresh_from_db()
    assert member.profile.weekly_requests == 2
    for wrong in ("0", "101", "9" * 40, "two", "-1"):
        again = send(as_member, "/me/allow/", weekly_requests=wrong)
        assert again.status_code == 200 and f'value="{wrong}"' in again.text
    member.profile.refresh_from_db()
    assert member.profile.weekly_requests == 2 and not member.profile.shows_passed_on


def test_it_takes_no_field_that_was_not_asked(as_member: Client, member: Member) -> None:
    send(as_member, "/me/about/", is_steward="on", is_adult="on", verified_at="2026-01-01", open_to=["peer"], member=99)
    member.refresh_from_db()
    assert not member.is_steward and not member.is_verified
    assert "mentor" in member.profile.open_to


def test_it_refuses_a_stale_form_and_keeps_both_texts(as_member: Client, member: Member) -> None:
    old = fields_of(as_member.get("/me/about/"))
    send(as_member, "/me/about/", about="Written in the other window.")
    stale = as_member.post("/me/about/", old | {"about": "Written here."})
    assert stale.status_code == 409
    page = stale.content.decode()
    assert "Written here." in page and "Written in the other window." in page
    member.profile.refresh_from_db()
    assert member.profile.about == "Written in the other window."
    again = as_member.post("/me/about/", old | {"about": "Written here."} | fields_of_page(page))
    assert again.status_code == 302
    member.profile.refresh_from_db()
    assert member.profile.about == "Written here."


def fields_of_page(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    return {n: re.search(rf'name="{n}" value="([^"]*)"', page).group(1) for n in ("form_key", "version")}  # type: ignore[union-attr]


def test_it_does_not_call_a_form_stale_because_of_another_topic(as_member: Client) -> None:
    old = fields_of(as_member.get("/me/about/"))
    send(as_member, "/me/allow/", capacity=4)
    assert as_member.post("/me/about/", old | {"about": "Mine."}).status_code == 302


def test_it_snaps_the_place_and_lets_it_move_three_times_a_day(as_member: Client, member: Member) -> None:
    for n in range(4):
        sent = send(as_member, "/me/place/", place="Llandovery", lat=f"{50 + n}.0339", lon="-3.7358")
        assert sent.status_code == (302 if n < 3 else 200)
    member.profile.refresh_from_db()
    assert abs(member.profile.cell_lat - 52.0339) > 0.0001
    assert 51.9 < member.profile.cell_lat < 52.1
    assert b"-3.7358" not in as_member.get("/me/place/").content
    assert send(as_member, "/me/place/", lat="51").status_code == 200  # one number is no point
    for lat, lon in (("91", "0"), ("nan", "0"), ("0", "181")):
        assert send(as_member, "/me/place/", lat=lat, lon=lon).status_code == 200


def test_it_keeps_whom_one_does_not_want_to_meet_to_oneself(
    as_member: Client, member: Member, stranger: Member
) -> None:
    assert send(as_member, "/me/wishes/", not_with_names=f"/people/{stranger.handle}/\nbruno stray").status_code == 302
    assert list(member.profile.not_with.all()) == [stranger]
    assert stranger.handle.encode() not in signed_in(stranger).get(f"/people/{member.handle}/").content
    hidden = MemberFactory(name="Hidden Hugh", profile={"open_to": []})
    answers = [send(as_member, "/me/wishes/", not_with_names=who) for who in ("Hidden Hugh", "Nobody Atall")]
    texts = [re.findall(r"We know nobody here[^<]*", a.content.decode())[0] for a in answers]
    assert texts[0].replace(hidden.name, "X") == texts[1].replace("Nobody Atall", "X")


def test_it_adds_changes_and_removes_lines(as_member: Client, member: Member) -> None:
    skill = Skill.objects.create(label="lay hedges")
    send(
        as_member, "/me/lines/new/?side=offer", side="offer", text=" lay  a hedge ", skill_name="LAY hedges", level="4"
    )
    line = Statement.objects.get(profile=member.profile)
    assert (line.text, line.skill, line.level, line.side) == ("lay a hedge", skill, 4, "offer")
    assert send(as_member, "/me/lines/new/", side="offer", text="lay a hedge").status_code == 200
    near = send(as_member, f"/me/lines/{line.pk}/", skill_name="hedge")
    assert b"lay hedges" in near.content
    send(as_member, f"/me/lines/{line.pk}/", text="lay a hedge in March", visibility="me")
    line.refresh_from_db()
    assert (line.text, line.visibility) == ("lay a hedge in March", "me")
    assert as_member.get(f"/me/lines/{line.pk}/delete/").status_code == 405
    as_member.post(f"/me/lines/{line.pk}/delete/")
    assert not Statement.objects.exists()
    member.profile.refresh_from_db()
    assert member.profile.version == 3


def test_it_lets_nobody_touch_the_lines_of_others(as_stranger: Client, member: Member) -> None:
    line = StatementFactory(profile=member.profile)
    missing = as_stranger.get("/me/lines/999999/")
    there = as_stranger.get(f"/me/lines/{line.pk}/")
    assert there.status_code == missing.status_code == 404
    assert as_stranger.post(f"/me/lines/{line.pk}/", {"text": "taken"}).status_code == 404
    assert as_stranger.post(f"/me/lines/{line.pk}/delete/").status_code == 404
    assert Statement.objects.get(pk=line.pk).text == line.text


def test_it_keeps_a_page_for_somebody_without_e_mail(as_member: Client, as_stranger: Client, member: Member) -> None:
    send(as_member, "/me/people/new/", name="Old Enid", is_adult="yes", has_agreed="on")
    enid = Member.objects.get(name="Old Enid")
    assert enid.helper == member and enid.email is None and not enid.has_usable_password()
    send(as_member, f"/me/people/{enid.handle}/about/", name="Old Enid", trade="Spinner")
    send(as_member, f"/me/people/{enid.handle}/lines/new/", side="offer", text="spin flax")
    enid.profile.refresh_from_db()
    assert enid.profile.trade == "Spinner" and enid.profile.statements.get().text == "spin flax"
    for url in ("", "about/", "lines/", "lines/new/"):
        assert as_member.get(f"/me/people/{enid.handle}/{url}").status_code == 200
        assert as_stranger.get(f"/me/people/{enid.handle}/{url}").status_code == 404


def test_it_lets_somebody_under_18_keep_no_pages(minor: Member) -> None:
    answer = send(signed_in(minor), "/me/people/new/", name="Old Enid", is_adult="yes", has_agreed="on")
    assert answer.status_code == 200 and not Member.objects.filter(name="Old Enid").exists()


def test_it_lists_and_lifts_blocks(as_member: Client, member: Member, stranger: Member) -> None:
    as_member.post(f"/people/{stranger.handle}/block/")
    assert Block.stands_between(stranger, member)
    assert stranger.name in as_member.get("/me/blocks/").content.decode()
    block = Block.objects.get()
    assert signed_in(stranger).post(f"/me/blocks/{block.pk}/lift/").status_code == 404
    as_member.post(f"/me/blocks/{block.pk}/lift/")
    assert not Block.objects.exists()


def test_it_offers_unsent_texts_again(as_member: Client, member: Member, as_stranger: Client) -> None:
    key = fields_of(as_member.get("/me/about/"))["form_key"]
    as_member.post(f"/drafts/{key}/?form=profile&url=/me/about/", {"about": "Half a sent"})
    assert f"/me/about/?draft={key}" in as_member.get("/me/").content.decode()
    assert "Half a sent" in as_member.get(f"/me/about/?draft={key}").content.decode()
    as_stranger.post(f"/drafts/{key}/discard/")
    assert Draft.objects.filter(key=key).exists()
    as_member.post(f"/drafts/{key}/discard/")
    assert not Draft.objects.filter(key=key).exists()


def test_it_asks_to_accept_new_rules(as_member: Client, member: Member) -> None:
    Rules.publish("Be kind.")
    Rules.publish("Be kind. Come on time.")
    assert "There are new rules" in as_member.get("/me/").content.decode()
    as_member.post("/me/rules/", {"version": "1"})
    member.refresh_from_db()
    assert member.rules_version == 0  # an older version is not the one in force
    as_member.post("/me/rules/", {"version": "2"})
    member.refresh_from_db()
    assert member.rules_version == 2
    assert "Come on time" not in Client().get("/rules/?version=1").content.decode()
    assert "Come on time" in Client().get("/rules/").content.decode()
    assert Client().get("/rules/?version=9").status_code == 404


def test_it_knows_a_village_where_two_others_live(as_member: Client, member: Member) -> None:
    for number in range(2):
        neighbour = MemberFactory(profile={"place": "Tolver"})
        neighbour.profile.move_to(50.78, -8.33 + number / 1000)
        neighbour.profile.save()
    send(as_member, "/me/place/", place="tolver", place_visibility="members")
    member.profile.refresh_from_db()
    assert member.profile.cell == neighbour.profile.cell


def test_it_does_not_give_away_where_the_only_one_in_a_village_lives(as_member: Client, member: Member) -> None:
    alone = MemberFactory(profile={"place": "Tolver"})
    alone.profile.move_to(50.78, -8.33)
    alone.profile.save()
    send(as_member, "/me/place/", place="Tolver", place_visibility="members")
    member.profile.refresh_from_db()
    assert member.profile.cell is None
