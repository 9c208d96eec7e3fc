"""Inviting people from the front end: writing it, a steward's reading, changing it."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from community.gatherings import privacy
from community.gatherings.models import Every, GatheringIndexPage, GatheringPage, Recurrence, Session
from community.gatherings.models.posting import Posting
from community.members.models import Draft, Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory, TopicFactory, index_page

pytestmark = pytest.mark.django_db
URL = "/gatherings/post/"


@pytest.fixture(autouse=True)
def _list(db: None) -> None:
    index_page(GatheringIndexPage, "gatherings")


@pytest.fixture
def known(member: Member) -> Member:
    """The member, vouched for by a steward."""
    Member.objects.filter(pk=member.pk).update(verified_at=timezone.now())
    member.refresh_from_db()
    return member


def form(**said: Any) -> dict[str, Any]:
    day = timezone.localdate() + timedelta(days=20)
    return {
        "form_key": str(uuid.uuid4()), "version": "0", "kind": "workshop", "mode": "on-site", "title": "Hedge laying",
        "summary": "We lay forty yards.", "about": "Bring gloves.\n\nTea at <ten>.", "zone": "Europe/London",
        "starts_at": f"{day}T09:30", "ends_at": f"{day}T12:00", "place": "Tolver", "exact_place": "Third gate, zq47qz",
        "capacity": "6", "max_guests": "", **said,
    }  # fmt: skip


def of(page: GatheringPage, **said: Any) -> dict[str, Any]:
    """The form as it stands for a page that exists."""
    return form(version=str(page.version), title=page.title, **said)


def kinds(member: Member) -> list[str]:
    return list(Notice.objects.filter(member=member).order_by("pk").values_list("kind", flat=True))


def test_it_publishes_at_once_for_whom_a_steward_vouches(known: Member, as_member: Client, client: Client) -> None:
    topic = TopicFactory()
    assert "as soon as you send it" in as_member.get(URL).text
    answer = as_member.post(URL, form(topics=[topic.slug], host_questions="Which hedge?\nHow long?"))
    assert answer.status_code == 302, answer.context["form"].errors
    page = GatheringPage.objects.get()
    assert page.live and page.author == page.owner == known and page.slug == "hedge-laying"
    assert page.text == "<p>Bring gloves.</p><p>Tea at &lt;ten&gt;.</p>" and list(page.topics.all()) == [topic]
    assert page.starts_at.astimezone(page.shown_zone).strftime("%H:%M") == "09:30"
    assert (page.capacity, page.max_guests, page.seats.capacity) == (6, 0, 6)
    shown = client.get(f"/gatherings/{page.slug}/").text
    assert "We lay forty yards." in shown and "zq47qz" not in shown
    assert "zq47qz" not in client.get("/gatherings/").text


def test_it_waits_for_a_steward_where_nobody_vouches(
    as_member: Client, member: Member, as_steward: Client, steward: Member, client: Client
) -> None:
    assert as_member.post(URL, form()).status_code == 302
    page = GatheringPage.objects.get()
    assert not page.live and client.get(f"/gatherings/{page.slug}/").status_code == 404
    assert "Hedge laying" not in client.get("/gatherings/").text
    assert kinds(steward) == ["gathering_waits"] and "Waits for a steward" in as_member.get("/gatherings/mine/").text
    assert "Hedge laying" in as_steward.get("/steward/gatherings/").text
    url = f"/steward/gatherings/{page.pk}/"
    assert "zq47qz" not in as_steward.get(url).text
    sent = {"version": page.version, "verdict": "no", "note": ""}
    assert as_steward.post(url, sent).status_code == 409
    assert as_steward.post(url, sent | {"note": "Say who it is for."}).status_code == 302
    assert kinds(member) == ["gathering_answered"] and not GatheringPage.objects.get().live
    edit = f"/gatherings/{page.slug}/edit/"
    assert "Say who it is for." in as_member.get(edit).text
    page.refresh_from_db()
    as_member.post(edit, of(page, summary="For beginners."))
    page.refresh_from_db()
    assert as_steward.post(url, {"version": page.version, "verdict": "yes"}).status_code == 302
    page.refresh_from_db()
    assert page.live and page.summary == "For beginners." and kinds(member) == ["gathering_answered"] * 2
    assert as_steward.post(url, {"version": page.version, "verdict": "yes"}).status_code == 409


def test_a_steward_publishes_only_what_they_have_read(as_member: Client, as_steward: Client) -> None:
    as_member.post(URL, form())
    page = GatheringPage.objects.get()
    read = page.version
    as_member.post(f"/gatherings/{page.slug}/edit/", of(page, summary="Buy my pills."))
    answer = as_steward.post(f"/steward/gatherings/{page.pk}/", {"version": read, "verdict": "yes"})
    page.refresh_from_db()
    assert answer.status_code == 409 and not page.live


def test_nobody_else_reads_or_decides(as_member: Client, as_stranger: Client, steward: Member) -> None:
    as_member.post(URL, form())
    page = GatheringPage.objects.get()
    for client in (as_member, as_stranger):
        assert client.get("/steward/gatherings/").status_code == 404
        assert client.get(f"/steward/gatherings/{page.pk}/").status_code == 404
    assert as_stranger.get(f"/gatherings/{page.slug}/edit/").status_code == 404
    GatheringPage.objects.update(author=steward)
    assert signed_in(steward).get(f"/steward/gatherings/{page.pk}/").status_code == 404  # not one's own


def test_time_and_place_hold_at_once_and_words_are_read_again(as_member: Client, member: Member) -> None:
    as_member.post(URL, form())
    page = GatheringPage.objects.get()
    page.latest_revision.publish()
    Posting.objects.update(waits_since=None)
    page.refresh_from_db()
    guest = MemberFactory()
    page.enrol(guest)
    day = timezone.localdate() + timedelta(days=21)
    edit = f"/gatherings/{page.slug}/edit/"
    as_member.post(edit, of(page, starts_at=f"{day}T10:00", ends_at=f"{day}T12:00", capacity="9"))
    page.refresh_from_db()
    assert page.live and not page.has_unpublished_changes and page.local_start.hour == 10 and page.seats.capacity == 9
    assert kinds(guest) == ["gathering_changed"]
    as_member.post(edit, of(page, starts_at=f"{day}T10:00", ends_at=f"{day}T12:00", capacity="9", summary="New words."))
    page.refresh_from_db()
    assert page.summary == "We lay forty yards." and page.has_unpublished_changes
    assert Posting.objects.get().waits_since and kinds(guest) == ["gathering_changed"]


def test_it_sends_a_form_once_and_loses_nothing(known: Member, as_member: Client, client: Client) -> None:
    sent = form()
    as_member.post(URL, sent)
    as_member.post(URL, sent)
    assert GatheringPage.objects.count() == 1
    answer = client.post(URL, form(title="Kept while signed out"))
    assert answer.status_code == 302 and "Kept while signed out" in str(Draft.objects.latest("pk").data)


def test_it_says_so_when_it_was_changed_in_another_window(known: Member, as_member: Client) -> None:
    as_member.post(URL, form())
    page = GatheringPage.objects.get()
    old, edit = page.version, f"/gatherings/{page.slug}/edit/"
    as_member.post(edit, of(page, price="Free"))
    answer = as_member.post(edit, form(version=str(old), price="A loaf"))
    page.refresh_from_db()
    assert answer.status_code == 409 and page.price == "Free" and "A loaf" in answer.text and "Free" in answer.text
    again = form(version=answer.context["form"]["version"].value(), price="A loaf")
    assert as_member.post(edit, again).status_code == 302
    page.refresh_from_db()
    assert page.price == "A loaf"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"title": "123"}, "Write it in words"),
        ({"starts_at": "2020-01-01T10:00", "ends_at": "2020-01-01T12:00"}, "over already"),
        ({"ends_at": "2020-01-01T12:00"}, "end after it begins"),
        ({"starts_at": "2031-03-30T01:30", "ends_at": "2031-03-30T05:00"}, "does not come"),
        ({"starts_at": "2031-10-26T01:30", "ends_at": "2031-10-26T05:00"}, "comes twice"),
        ({"zone": "Mars/Olympus"}, "not a time zone"),
        ({"place": ""}, "Name the village"),
        ({"capacity": "0"}, "1"),
        ({"capacity": "9" * 40}, "capacity"),
        ({"max_guests": "10"}, "9"),
        ({"host_questions": "a\nb\nc\nd\ne\nf"}, "At most 5"),
        ({"online_link": "javascript:alert(1)"}, "online_link"),
        ({"title": "\x00"}, "title"),
        ({"summary": "x" * 10_000}, "240"),
        ({"about": "x" * 10_000}, "6000"),
        ({"version": "9" * 30, "kind": "nonsense"}, "kind"),
    ],
)
def test_it_says_what_is_wrong_and_keeps_the_rest(
    known: Member, as_member: Client, said: dict[str, str], words: str
) -> None:
    answer = as_member.post(URL, form(**said))
    assert answer.status_code == 200 and not GatheringPage.objects.exists()
    assert words in answer.text and "Third gate, zq47qz" in answer.text


def test_it_takes_the_word_for_a_time_that_comes_twice(known: Member, as_member: Client) -> None:
    twice = {"starts_at": "2031-10-26 01:30", "ends_at": "2031-10-26 05:00"}
    assert 'type="text" name="starts_at"' in as_member.post(URL, form(**twice)).text
    assert as_member.post(URL, form(**twice | {"starts_at": "2031-10-26 01:30 second"})).status_code == 302
    page = GatheringPage.objects.get()
    assert page.starts_at == datetime(2031, 10, 26, 1, 30, tzinfo=UTC)
    assert "01:30 second" in as_member.get(f"/gatherings/{page.slug}/edit/").text


def test_it_bears_a_lone_surrogate(known: Member, as_member: Client) -> None:
    sent = urlencode(form(summary="\ud800"), errors="surrogatepass")
    answer = as_member.post(URL, sent, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {200, 302}


def test_it_lets_nobody_post_who_cannot_be_answered(minor: Member, as_member: Client, member: Member) -> None:
    young = signed_in(minor)
    assert "18 or older" in young.get(URL).text and young.post(URL, form()).status_code == 403
    for _one in range(GatheringPage.MOST_WAITING):
        assert as_member.post(URL, form()).status_code == 302
    assert as_member.post(URL, form()).status_code == 403
    assert GatheringPage.objects.count() == GatheringPage.MOST_WAITING


def test_it_ignores_what_is_not_in_the_form(known: Member, as_member: Client, stranger: Member) -> None:
    as_member.post(URL, form(author=stranger.pk, owner=stranger.pk, slug="admin", live="1", is_cancelled="on"))
    page = GatheringPage.objects.get()
    assert (page.author, page.slug, page.is_cancelled) == (known, "hedge-laying", False)


def test_it_gives_no_address_of_the_site_away(known: Member, as_member: Client) -> None:
    for title in ("Post", "Mine", "Hedge laying", "Hedge laying"):
        as_member.post(URL, form(title=title))
    slugs = set(GatheringPage.objects.values_list("slug", flat=True))
    assert slugs == {"post-2", "mine-2", "hedge-laying", "hedge-laying-2"}


def test_it_leaves_the_form_that_an_editor_gave_a_text(known: Member, as_member: Client) -> None:
    page = GatheringFactory(author=known, text="<h2>Morning</h2><p>We <b>graft</b>.</p>")
    page.save_revision().publish()
    page.refresh_from_db()
    sent = of(page, about="Morning\n\nWe graft.", capacity="8")
    assert as_member.post(f"/gatherings/{page.slug}/edit/", sent).status_code == 302
    page.refresh_from_db()
    assert page.text == "<h2>Morning</h2><p>We <b>graft</b>.</p>" and page.capacity == 8


def test_it_is_forgotten_with_its_host(as_member: Client, member: Member, steward: Member) -> None:
    as_member.post(URL, form())
    assert privacy.export(member)["gatherings"][0]["title"] == "Hedge laying"
    privacy.erase(member)
    assert not GatheringPage.objects.exists()


def test_it_asks_as_often_for_20_as_for_10(
    known: Member, as_member: Client, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for _round in range(2):
        for _one in range(10):
            GatheringFactory(author=known)
            GatheringFactory().enrol(known)
        as_member.get("/gatherings/mine/")
        with django_assert_max_num_queries(14) as asked:
            as_member.get("/gatherings/mine/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def published(as_member: Client) -> GatheringPage:
    """What the member, whom nobody vouches for, has written and a steward has read."""
    as_member.post(URL, form())
    page = GatheringPage.objects.get()
    page.latest_revision.publish()
    Posting.objects.update(waits_since=None)
    page.refresh_from_db()
    return page


def test_a_new_hour_holds_at_once_beside_new_words(as_member: Client, steward: Member) -> None:
    page = published(as_member)
    page.enrol(guest := MemberFactory())
    day = timezone.localdate() + timedelta(days=21)
    later = {"starts_at": f"{day}T10:00", "ends_at": f"{day}T12:00"}
    as_member.post(f"/gatherings/{page.slug}/edit/", of(page, summary="New words.", **later))
    page.refresh_from_db()
    assert (
        page.local_start.hour == 10 and page.summary == "We lay forty yards." and kinds(guest) == ["gathering_changed"]
    )
    assert page.has_unpublished_changes and page.working.summary == "New words." and page.posting.waits_since
    later["starts_at"] = f"{day}T11:00"
    as_member.post(f"/gatherings/{page.slug}/edit/", of(page, summary="New words.", **later))
    page.refresh_from_db()
    assert page.local_start.hour == 11 and page.working.summary == "New words."  # while the words still wait
    page.judge(steward, page.version, accepts=True)
    page.refresh_from_db()
    assert page.local_start.hour == 11 and page.summary == "New words." and not page.has_unpublished_changes


def test_what_was_taken_down_or_locked_waits_for_a_steward(known: Member, as_member: Client, steward: Member) -> None:
    as_member.post(URL, form())
    page = GatheringPage.objects.get()
    assert page.live
    page.unpublish()
    as_member.post(f"/gatherings/{page.slug}/edit/", of(page, price="A loaf"))
    page.refresh_from_db()
    assert not page.live and page.posting.waits_since
    page.judge(steward, page.version, accepts=True)
    page.refresh_from_db()
    assert page.live and page.price == "A loaf"
    GatheringPage.objects.update(locked=True)
    as_member.post(f"/gatherings/{page.slug}/edit/", of(page, price="Two loaves"))
    page.refresh_from_db()
    assert page.price == "A loaf" and page.posting.waits_since


def test_words_that_wait_go_on_waiting_when_it_is_called_off(as_member: Client) -> None:
    page = published(as_member)
    as_member.post(f"/gatherings/{page.slug}/edit/", of(page, summary="New words."))
    GatheringPage.objects.get().call_off()
    page.refresh_from_db()
    assert page.is_cancelled and page.summary == "We lay forty yards." and page.has_unpublished_changes
    assert page.working.summary == "New words." and page.working.is_cancelled


def test_it_counts_what_comes_again_once(known: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GatheringPage, "MOST_COMING", 2)
    Recurrence.begin(GatheringFactory(author=known), Every.MONTH)
    assert not GatheringPage.why_not_post(known)
    Recurrence.begin(GatheringFactory(author=known), Every.MONTH)
    assert "Hold one of them first" in str(GatheringPage.why_not_post(known))


def test_a_series_keeps_its_hours_in_another_zone(known: Member, as_member: Client) -> None:
    at = datetime(2031, 7, 1, 8, tzinfo=UTC)  # nine in London
    page = GatheringFactory(author=known)
    page.sessions = [Session(starts_at=at + timedelta(days=n), ends_at=at + timedelta(days=n, hours=2)) for n in (0, 7)]
    page.save_revision().publish()
    page.save_revision()  # a wording that waits carries its dates along
    page.refresh_from_db()
    sent = of(page, about=page.plain_text, zone="Europe/Paris")
    assert as_member.post(f"/gatherings/{page.slug}/edit/", sent).status_code == 302
    page = GatheringPage.objects.get()
    assert page.zone == "Europe/Paris" and page.starts_at == datetime(2031, 7, 1, 7, tzinfo=UTC)
    assert [one.starts_wall[11:] for one in page.sessions.all()] == ["09:00", "09:00"] and page.starts_wall[
        11:
    ] == "09:00"
