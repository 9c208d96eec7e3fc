"""Offering a place without a key to the editing tools."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from community.members.models import Draft, Member
from community.notices.models import Notice
from community.openings.models import OpeningIndexPage, OpeningPage
from tests.conftest import signed_in
from tests.factories import MemberFactory, SeasonFactory, TopicFactory, index_page

pytestmark = pytest.mark.django_db
TITLE = "A winter with the hedges"


@pytest.fixture(autouse=True)
def shelf(db: None) -> Any:
    """The list of openings."""
    return index_page(OpeningIndexPage, "openings")


@pytest.fixture
def poster() -> Member:
    """Somebody whom a steward has vouched for."""
    return MemberFactory(name="Petra Poster", verified_at=timezone.now())


def form(**fields: Any) -> dict[str, Any]:
    return {
        "kind": "apprenticeship", "title": TITLE, "summary": "Four days a week, laid hedges.", "language": "en",
        "about": "You cut.\n\nThen you <b>lay</b>.", "learned": "lay a hedge\nsharpen a billhook",
        "closes_on": (timezone.localdate() + timedelta(days=40)).isoformat(), "place": "Tolver",
        "insurance": "The farm's, for everybody who works here", "form_key": str(uuid.uuid4()),
    } | fields  # fmt: skip


def edit(client: Client, page: OpeningPage, **fields: Any) -> Any:
    url = f"/openings/{page.slug}/edit/"
    version = client.get(url).context["form"]["version"].value()
    return client.post(url, form(version=version) | fields)


def test_a_verified_poster_goes_straight_through(client: Client, poster: Member) -> None:
    topic, season = TopicFactory(slug="hedges"), SeasonFactory(slug="winter")
    sent = form(topics=[topic.slug], season=season.slug, hours="28", admits_minors="on")
    assert signed_in(poster).post("/openings/post/", sent).url == "/openings/applications/"
    page = OpeningPage.objects.get()
    assert page.live and page.slug == "a-winter-with-the-hedges" and (page.author, page.owner) == (poster, poster)
    assert [line.text for line in page.lines.all()] == ["lay a hedge", "sharpen a billhook"]
    assert list(page.topics.all()) == [topic] and page.season == season and page.admits_minors
    text = client.get(page.url).text
    assert "<p>You cut.</p>" in text and "&lt;b&gt;lay&lt;/b&gt;" in text and "A steward knows this person" in text
    assert "The farm&#x27;s, for everybody" in text and TITLE in client.get("/openings/").text


def test_it_is_posted_once_for_two_clicks(poster: Member) -> None:
    client, sent = signed_in(poster), form()
    assert client.post("/openings/post/", sent).status_code == client.post("/openings/post/", sent).status_code == 302
    assert OpeningPage.objects.count() == 1


def test_others_wait_for_a_steward(
    client: Client, as_member: Client, member: Member, as_steward: Client, as_stranger: Client
) -> None:
    as_member.post("/openings/post/", form(admits_minors="on"))
    page = OpeningPage.objects.get()
    assert not page.live and not page.admits_minors  # only whom a steward knows may say so
    for who in (client, as_stranger):
        assert (
            TITLE not in who.get("/openings/").text
            and who.get("/openings/a-winter-with-the-hedges/").status_code == 404
        )
        assert who.get(f"/steward/openings/{page.pk}/").status_code == 404
    assert "Waits for a steward" in as_member.get("/openings/applications/").text
    (notice,) = Notice.objects.filter(kind="opening_waits")
    assert TITLE in as_steward.get("/steward/openings/").text and "You cut." in as_steward.get(notice.url).text
    answer = as_steward.post(notice.url, {"answer": "more", "note": "", "version": page.version})
    assert answer.status_code == 409 and "Say why" in answer.text
    as_steward.post(notice.url, {"answer": "more", "note": "Which days?", "version": page.version})
    assert "Which days?" in as_member.get("/openings/applications/").text and not OpeningPage.objects.live().exists()
    edit(as_member, page, hours="Monday to Thursday")
    page.refresh_from_db()
    assert as_steward.post(notice.url, {"answer": "accept", "version": page.version - 1}).status_code == 409
    assert as_steward.post(notice.url, {"answer": "accept", "version": page.version}).status_code == 302
    assert "Monday to Thursday" in client.get("/openings/a-winter-with-the-hedges/").text
    assert Notice.objects.filter(member=member, kind="opening_answered").count() == 2
    edit(as_member, page, hours="Fridays only")
    assert "Fridays only" not in client.get("/openings/a-winter-with-the-hedges/").text
    assert as_steward.post(notice.url, {"answer": "accept", "version": "9" * 30}).status_code == 409


def test_no_steward_decides_on_their_own(as_steward: Client) -> None:
    as_steward.post("/openings/post/", form())
    page = OpeningPage.objects.get()
    assert not page.live and as_steward.get(f"/steward/openings/{page.pk}/").status_code == 404


def test_it_is_changed_at_once_and_keeps_its_lines(client: Client, poster: Member) -> None:
    browser = signed_in(poster)
    browser.post("/openings/post/", form())
    page = OpeningPage.objects.get()
    kept = page.lines.get(text="lay a hedge").pk
    assert edit(browser, page, learned="plant a hedge\nlay a hedge", title="Two winters").status_code == 302
    page.refresh_from_db()
    assert page.title == "Two winters" and page.slug == "a-winter-with-the-hedges"
    assert [(line.text, line.pk == kept) for line in page.lines.all()] == [
        ("plant a hedge", False),
        ("lay a hedge", True),
    ]
    assert "Two winters" in client.get(page.url).text


@pytest.mark.parametrize("fields", [{"live": False}, {"locked": True}])
def test_what_an_editor_took_down_waits_for_a_steward(
    client: Client, poster: Member, as_steward: Client, fields: dict[str, bool]
) -> None:
    browser = signed_in(poster)
    browser.post("/openings/post/", form())
    page = OpeningPage.objects.get()
    OpeningPage.objects.update(**fields)
    assert edit(browser, page, hours="Sundays only").status_code == 302
    page.refresh_from_db()
    assert page.live == fields.get("live", True) and page.posting.waits_since
    assert "Sundays only" not in client.get(f"/openings/{page.slug}/").text
    url = f"/steward/openings/{page.pk}/"
    assert as_steward.post(url, {"answer": "accept", "version": page.version}).status_code == 302
    assert "Sundays only" in client.get(f"/openings/{page.slug}/").text


def test_what_an_editor_has_formatted_stays(poster: Member) -> None:
    browser = signed_in(poster)
    browser.post("/openings/post/", form())
    page = OpeningPage.objects.get()
    page.text = "<p>You <b>cut</b>.</p>"
    page.save_revision().publish()
    edit(browser, page, about="You cut.", hours="28")
    page.refresh_from_db()
    assert page.text == "<p>You <b>cut</b>.</p>" and page.hours == "28"


def test_a_stale_form_gets_409_and_keeps_both_texts(poster: Member) -> None:
    browser = signed_in(poster)
    browser.post("/openings/post/", form())
    page = OpeningPage.objects.get()
    edit(browser, page, hours="Saved in the other window")
    answer = browser.post(f"/openings/{page.slug}/edit/", form(hours="Typed here", version=page.version))
    assert answer.status_code == 409
    assert "Saved in the other window" in answer.text and "Typed here" in answer.text
    page.refresh_from_db()
    assert page.hours == "Saved in the other window"
    again = form(hours="Typed here", version=answer.context["form"]["version"].value())
    assert browser.post(f"/openings/{page.slug}/edit/", again).status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "x" * 10_000), ("title", "123 !"), ("title", "a\x00b"), ("summary", "x" * 241),
        ("about", ""), ("learned", "\n".join(f"line {n}" for n in range(13))), ("learned", "x" * 201), ("learned", " "),
        ("kind", "slavery"), ("language", "xx"), ("min_age", "-1"), ("min_age", "9" * 40), ("min_age", "100"),
        ("closes_on", ""), ("closes_on", "2020-01-01"), ("closes_on", "9999-12-31"), ("closes_on", "soon"),
        ("topics", "nowhere"), ("season", "nowhere"), ("hours", "x" * 161), ("insurance", "\x00"),
    ],
)  # fmt: skip
def test_it_says_what_is_wrong_and_keeps_the_rest(poster: Member, field: str, value: str) -> None:
    answer = signed_in(poster).post("/openings/post/", form(safety="Axes.", **{field: value}))
    assert answer.status_code == 200 and "error-summary" in answer.text and "Axes." in answer.text
    assert not OpeningPage.objects.exists()


def test_two_answers_on_age_must_fit(poster: Member) -> None:
    answer = signed_in(poster).post("/openings/post/", form(min_age="18", admits_minors="on"))
    assert "Change one of the two" in answer.text and not OpeningPage.objects.exists()


def test_it_takes_nothing_that_the_form_does_not_ask(as_member: Client, member: Member, stranger: Member) -> None:
    as_member.post("/openings/post/", form(author=stranger.pk, live="on", slug="mine", verified="1"))
    page = OpeningPage.objects.get()
    assert (page.author, page.live, page.slug) == (member, False, "a-winter-with-the-hedges")


def test_it_refuses_the_young_and_the_unconfirmed(minor: Member, member: Member) -> None:
    EmailAddress.objects.filter(user=member).update(verified=False)
    for who in (minor, member):
        answer = signed_in(who).post("/openings/post/", form())
        assert answer.status_code == 403 and TITLE in answer.text and not OpeningPage.objects.exists()


def test_nobody_floods_the_list(poster: Member) -> None:
    browser = signed_in(poster)
    for _one in range(OpeningPage.MOST_A_DAY):
        browser.post("/openings/post/", form())
    answer = browser.post("/openings/post/", form())
    assert answer.status_code == 403 and "today" in answer.text
    assert OpeningPage.objects.count() == OpeningPage.MOST_A_DAY


def test_only_its_author_changes_it(poster: Member, as_steward: Client, as_stranger: Client) -> None:
    signed_in(poster).post("/openings/post/", form())
    for who in (as_steward, as_stranger):
        for end in ("edit", "renew", "applications"):
            assert who.get(f"/openings/a-winter-with-the-hedges/{end}/").status_code == 404
        assert who.post("/openings/a-winter-with-the-hedges/edit/", form()).status_code == 404


def test_the_words_are_kept_when_the_login_has_run_out(client: Client, member: Member) -> None:
    answer = client.post("/openings/post/", form())
    assert "/accounts/login/" in answer.url
    client.force_login(member)
    assert TITLE in client.get(f"/openings/post/?draft={Draft.objects.get().key}").text


def test_a_reserved_word_is_no_address(poster: Member) -> None:
    signed_in(poster).post("/openings/post/", form(title="Post"))
    assert OpeningPage.objects.get().slug == "post-2"


def test_only_the_square_is_kept_and_nobody_is_shown_it(client: Client, poster: Member) -> None:
    from community.members.models import Cell

    cell = Cell.around(54.321987, -3.123456)
    type(poster.profile).objects.filter(pk=poster.profile.pk).update(cell_lat=cell.lat, cell_lon=cell.lon)
    signed_in(Member.objects.get(pk=poster.pk)).post("/openings/post/", form(is_near="on"))
    page = OpeningPage.objects.get()
    assert page.posting.cell == cell
    assert str(cell.lat) not in client.get(page.url).text and "cell" not in str(page.latest_revision.content)
    edit(signed_in(poster), page)
    page.posting.refresh_from_db()
    assert page.posting.cell is None


def test_the_desk_lists_20_as_cheaply_as_10(as_steward: Client, django_assert_max_num_queries: Any) -> None:
    counts = []
    for _round in range(2):
        for _one in range(10):
            signed_in(MemberFactory()).post("/openings/post/", form())
        as_steward.get("/steward/openings/")
        with django_assert_max_num_queries(14) as asked:
            as_steward.get("/steward/openings/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
