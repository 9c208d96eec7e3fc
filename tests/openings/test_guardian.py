"""Applying under 18: a guardian's yes, no contact outside, and words that are read before they arrive."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.members.models import Member, has_contact
from community.notices.models import Notice
from community.openings.models import Application, OpeningPage, Paper, Word
from community.openings.tasks import mail_guardian
from community.topics.models import CleanFile
from community.trust.models import Safeguarding
from tests.conftest import signed_in
from tests.factories import MemberFactory, OpeningFactory

pytestmark = pytest.mark.django_db
WORDS = "I have mended two field gates and would like to learn walls."
GUARDIAN = ("Gwen Young", "gwen@example.org")


@pytest.fixture(autouse=True)
def guard(db: None) -> Member:
    """A steward whom an operator has named for safeguarding."""
    one = MemberFactory(name="Gloria Guard", is_steward=True)
    one.groups.add(Safeguarding.group())
    return one


@pytest.fixture
def asked(minor: Member) -> Application:
    """An application that waits for the guardian."""
    return OpeningFactory().apply(minor, WORDS, guardian=GUARDIAN)


def link(one: Application) -> str:
    mail_guardian.func(one.pk)
    (found,) = re.findall(r"https?://\S+(/openings/guardian/\S+)", mail.outbox[-1].body)
    return str(found)


def agreed(one: Application) -> Application:
    one.hear_guardian(True)
    return one


def test_nothing_is_sent_before_a_guardian_agrees(asked: Application, client: Client, guard: Member) -> None:
    assert asked.waits_for_guardian and not Notice.objects.exists()
    for who in (asked.poster, guard):
        assert not Application.objects.visible_to(who).exists()
    url = link(asked)
    assert mail.outbox[-1].to == ["gwen@example.org"] and WORDS not in mail.outbox[-1].body
    page = client.get(url)
    assert page.status_code == 200 and asked.opening.title in page.text and WORDS not in page.text
    asked.refresh_from_db()
    assert asked.is_draft  # the look of a mail scanner is no yes
    assert "on its way" in client.post(url, {"answer": "yes"}).text
    asked.refresh_from_db()
    assert asked.state == "submitted"
    for who in (asked.poster, guard):
        assert WORDS in signed_in(who).get(asked.get_absolute_url()).text
    assert client.get(url).status_code == client.post(url, {"answer": "no"}).status_code == 404
    assert set(Notice.objects.values_list("member__name", "kind")) == {
        (asked.poster.name, "application_received"), ("Gloria Guard", "application_held"),
        ("Cleo Young", "application_news"),
    }  # fmt: skip


def test_a_no_goes_back_to_the_applicant(asked: Application, client: Client, minor: Member) -> None:
    assert "It is not sent" in client.post(link(asked), {"answer": "no"}).text
    asked.refresh_from_db()
    assert (asked.guardian_email, asked.guardian_asked_at, asked.state) == ("", None, "draft")
    assert WORDS in signed_in(minor).get(asked.get_absolute_url()).text


def test_an_old_link_an_altered_one_and_one_for_other_words_do_nothing(
    asked: Application, client: Client, minor: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = link(asked)
    for wrong in (url[:-3] + "xx/", "/openings/guardian/x/", "/openings/guardian/" + "9" * 3000 + "/"):
        assert client.post(wrong, {"answer": "yes"}).status_code == 404
    monkeypatch.setattr(Application, "LINK_LIVES", timedelta(seconds=-1))
    assert client.post(url, {"answer": "yes"}).status_code == 404
    monkeypatch.undo()
    asked.opening.apply(minor, WORDS + " And more.", guardian=GUARDIAN)  # other words: asked anew
    assert client.post(url, {"answer": "yes"}).status_code == 404
    asked.refresh_from_db()
    assert asked.is_draft


@pytest.mark.parametrize("guardian", [("", ""), ("Gwen", ""), ("Gwen", "OWN"), ("Gwen", "POSTER")])
def test_it_needs_a_guardian_who_is_somebody_else(minor: Member, guardian: tuple[str, str]) -> None:
    opening = OpeningFactory()
    address = {"OWN": minor.email, "POSTER": opening.author.email.upper()}.get(guardian[1], guardian[1])
    with pytest.raises(ValidationError):
        opening.apply(minor, WORDS, guardian=(guardian[0], address))
    assert not Application.objects.exists()


def test_it_is_asked_in_the_form(minor: Member) -> None:
    opening, client = OpeningFactory(), signed_in(minor)
    url = f"/openings/{opening.slug}/apply/"
    data = {"message": WORDS, "form_key": str(uuid.uuid4())}
    answer = client.post(url, data)
    assert answer.status_code == 200 and "error-summary" in answer.text and not Application.objects.exists()
    given = {"guardian_name": GUARDIAN[0], "guardian_email": GUARDIAN[1], "form_key": str(uuid.uuid4())}
    answer = client.post(url, data | given)
    one = Application.objects.get()
    assert answer.url == one.get_absolute_url() and one.waits_for_guardian
    assert "guardian was asked by mail" in client.get(answer.url).text


def test_one_address_is_not_flooded(minor: Member) -> None:
    for _one in range(3):
        OpeningFactory().apply(minor, WORDS, guardian=GUARDIAN)
    with pytest.raises(ValidationError, match="several times today"):
        OpeningFactory().apply(minor, WORDS, guardian=GUARDIAN)
    other = MemberFactory(is_adult=False)
    with pytest.raises(ValidationError, match="several times today"):
        OpeningFactory().apply(other, WORDS, guardian=(GUARDIAN[0], "GWEN@example.org"))
    assert Application.objects.filter(guardian_asked_at__gt=timezone.now() - timedelta(days=1)).count() == 3


def test_taking_back_and_keeping_for_later_begin_no_new_count(minor: Member) -> None:
    opening = OpeningFactory()
    for _one in range(3):
        opening.apply(minor, WORDS, guardian=GUARDIAN).withdraw()
    with pytest.raises(ValidationError, match="several times today"):
        opening.apply(minor, WORDS, guardian=GUARDIAN)
    other, place = MemberFactory(is_adult=False), OpeningFactory()
    place.apply(other, WORDS, guardian=GUARDIAN, is_draft=True)
    with pytest.raises(ValidationError, match="several times today"):
        place.apply(other, WORDS, guardian=(GUARDIAN[0], "gwen+again@example.org"))
    third = MemberFactory(is_adult=False)
    for _one in range(3):  # sent, made a draft again, sent again
        place.apply(third, WORDS, guardian=("Gil", "gil@example.org"))
        place.apply(third, WORDS, guardian=("Gil", "gil@example.org"), is_draft=True)
    with pytest.raises(ValidationError, match="several times today"):
        place.apply(third, WORDS, guardian=("Gil", "gil@example.org"))


def test_one_place_brings_five_mails_at_most(minor: Member) -> None:
    opening = OpeningFactory()
    for _one in range(5):
        opening.apply(minor, WORDS, guardian=GUARDIAN).withdraw()
        Application.objects.update(guardian_mailed_at=timezone.now() - timedelta(days=2))
    with pytest.raises(ValidationError, match="several times"):
        opening.apply(minor, WORDS, guardian=GUARDIAN)
    OpeningFactory().apply(minor, WORDS, guardian=GUARDIAN)


def test_the_mail_carries_no_link_in_a_name(minor: Member) -> None:
    with pytest.raises(ValidationError, match="no telephone number"):
        OpeningFactory().apply(minor, WORDS, guardian=("Win at www.example.com", GUARDIAN[1]))
    Member.objects.filter(pk=minor.pk).update(name="See http://example.com")
    with pytest.raises(ValidationError, match="no telephone number"):
        OpeningFactory().apply(Member.objects.get(pk=minor.pk), WORDS, guardian=GUARDIAN)
    assert not Application.objects.exists()


@pytest.mark.parametrize("change", ["unpublished", "closed", "adults", "unverified", "another", "left"])
def test_a_yes_comes_to_nothing_where_nobody_could_apply_any_more(
    asked: Application, client: Client, minor: Member, change: str
) -> None:
    url, opening = link(asked), OpeningPage.objects.filter(pk=asked.opening_id)
    if change == "unverified":
        Member.objects.filter(pk=asked.poster_id).update(verified_at=None)
    elif change == "left":
        Member.objects.filter(pk=minor.pk).update(is_active=False)
    else:
        fields: dict[str, dict[str, Any]] = {
            "unpublished": {"live": False},
            "closed": {"closes_on": timezone.localdate() - timedelta(days=1)},
            "adults": {"admits_minors": False},
            "another": {"author": MemberFactory(verified_at=timezone.now())},
        }
        opening.update(**fields[change])
    answer = client.post(url, {"answer": "yes"})
    assert answer.status_code == 409 and "does not work any more" in answer.text
    asked.refresh_from_db()
    assert (asked.state, asked.guardian_agreed_at, asked.guardian_asked_at) == ("draft", None, None)
    assert asked.guardian_email == GUARDIAN[1]
    assert not Notice.objects.filter(kind="application_received").exists()


def test_nobody_under_18_applies_where_nobody_reads_along(
    asked: Application, client: Client, minor: Member, guard: Member
) -> None:
    url, place = link(asked), OpeningFactory()
    Member.objects.filter(pk=guard.pk).update(is_active=False)
    with pytest.raises(ValidationError, match="Nobody here looks after"):
        place.apply(minor, WORDS, guardian=GUARDIAN)
    assert "Nobody here looks after" in signed_in(minor).get(f"/openings/{place.slug}/apply/").text
    assert client.post(url, {"answer": "yes"}).status_code == 409
    assert place.apply(MemberFactory(), WORDS).is_open


def test_a_yes_to_other_words_sends_nothing(asked: Application, minor: Member) -> None:
    before = Application.objects.get(pk=asked.pk)  # the page that the guardian looks at
    asked.opening.apply(minor, WORDS + " And more.", guardian=GUARDIAN)
    assert not before.hear_guardian(True)
    asked.refresh_from_db()
    assert asked.waits_for_guardian


def test_no_browser_keeps_what_a_guardian_sees(asked: Application, client: Client) -> None:
    for url in (link(asked), "/openings/guardian/x/"):
        assert "no-store" in client.get(url).headers["Cache-Control"]


def test_what_was_held_reaches_somebody_who_is_an_adult_by_now(asked: Application, minor: Member) -> None:
    one = agreed(asked)
    one.say(one.poster, "Bring boots.")
    assert Application.keep_time() == 0
    Member.objects.filter(pk=minor.pk).update(is_adult=True)
    assert Application.keep_time() == 1 and Application.keep_time() == 0
    assert "Bring boots." in signed_in(minor).get(one.get_absolute_url()).text
    assert Notice.objects.filter(member=minor, actor=one.poster, kind="application_news").count() == 1


def test_who_reads_what_was_taken_back_is_said(asked: Application, minor: Member, guard: Member) -> None:
    young, url = signed_in(minor), f"/openings/{asked.opening.slug}/withdraw/"
    assert "Nobody but you" in young.post(url, follow=True).text
    assert WORDS not in signed_in(guard).get(asked.get_absolute_url()).text
    sent = agreed(asked.opening.apply(minor, WORDS, guardian=GUARDIAN))
    assert "Only safeguarding can still read it" in young.post(url, follow=True).text
    assert WORDS in signed_in(guard).get(sent.get_absolute_url()).text
    assert signed_in(sent.poster).get(sent.get_absolute_url()).status_code == 404


def test_only_verified_posters_who_say_so_hear_from_somebody_under_18(minor: Member) -> None:
    for opening in (
        OpeningFactory(author=MemberFactory()),
        OpeningFactory(admits_minors=False),
        OpeningFactory(min_age=18),
    ):
        assert opening.why_not(minor)
        with pytest.raises(ValidationError):
            opening.apply(minor, WORDS, guardian=GUARDIAN)
    one = agreed(OpeningFactory().apply(minor, WORDS, guardian=GUARDIAN))
    assert Application.objects.visible_to(one.poster).exists()
    Member.objects.filter(pk=one.poster_id).update(verified_at=None)
    assert not Application.objects.visible_to(Member.objects.get(pk=one.poster_id)).exists()


def test_a_17_year_olds_application_is_seen_by_no_one_but_those_allowed(
    asked: Application, client: Client, as_member: Client, as_steward: Client, guard: Member
) -> None:
    one = agreed(asked)
    operator = MemberFactory(is_superuser=True, is_staff=True)
    other_poster = OpeningFactory().author
    for who in (client, as_member, as_steward, signed_in(operator), signed_in(other_poster)):
        assert who.get(one.get_absolute_url()).status_code in {302, 404}
        for url in ("/openings/", f"/openings/{one.opening.slug}/", "/steward/applications/", "/steward/openings/"):
            text = who.get(url, follow=True).text
            assert WORDS not in text and "Cleo Young" not in text
    for who in (one.poster, guard, one.member):
        assert WORDS in signed_in(who).get(one.get_absolute_url()).text


@pytest.mark.parametrize(
    "words",
    [
        "Call 07700 900123.", "mail me: a@example.org", "see www.example.org", "https://x.example", "I am on WhatsApp",
        "find me on Insta gram: instagram", "0 7 7 0 0 9 0 0 1 2 3", "gate.farm.com", "me (at) example",
    ],
)  # fmt: skip
def test_somebody_under_18_does_not_say_how_they_are_reached(minor: Member, words: str) -> None:
    assert has_contact(words)
    with pytest.raises(ValidationError, match="no telephone number"):
        OpeningFactory().apply(minor, f"{WORDS} {words}", guardian=GUARDIAN)
    data = {"message": f"{WORDS} {words}", "guardian_name": GUARDIAN[0], "guardian_email": GUARDIAN[1]}
    url = f"/openings/{OpeningFactory().slug}/apply/"
    answer = signed_in(minor).post(url, data | {"form_key": str(uuid.uuid4())})
    assert answer.status_code == 200 and "no telephone number" in answer.text and not Application.objects.exists()


def test_ordinary_words_are_no_contact() -> None:
    assert not has_contact("In 2024 I built 12 m of wall, from 8 to 5, for £12.60 an hour. I am 16.")


def test_words_to_somebody_under_18_wait_for_safeguarding(asked: Application, guard: Member, minor: Member) -> None:
    one = agreed(asked)
    poster, young, reader = signed_in(one.poster), signed_in(minor), signed_in(guard)
    secret = "Ring me on 07700 900123 tonight."
    data = {"step": "shortlist", "version": one.version, "words": secret, "form_key": str(uuid.uuid4())}
    assert poster.post(one.get_absolute_url(), data).status_code == 302
    word = Word.objects.get()
    assert word.is_held and secret in poster.get(one.get_absolute_url()).text
    assert secret not in young.get(one.get_absolute_url()).text
    assert "On the short list" in young.get(one.get_absolute_url()).text
    assert secret in reader.get("/steward/applications/").text
    url = f"/steward/applications/words/{word.pk}/"
    for who in (poster, young, signed_in(MemberFactory(is_steward=True))):
        assert who.post(url, {"step": "release"}).status_code == 404
    assert reader.post(url, {"step": "stop"}).status_code == 302
    reader.post(url, {"step": "release"})  # decided once
    assert secret not in young.get(one.get_absolute_url()).text
    one.say(one.poster, "Bring boots.")
    later = Word.objects.get(text="Bring boots.")
    assert "Bring boots." not in young.get(one.get_absolute_url()).text
    for _twice in range(2):
        assert reader.post(f"/steward/applications/words/{later.pk}/", {"step": "release"}).status_code == 302
    assert "Bring boots." in young.get(one.get_absolute_url()).text
    later.refresh_from_db()
    assert later.decided_by == guard


def test_who_wrote_it_does_not_release_it(asked: Application, guard: Member) -> None:
    Member.objects.filter(pk=guard.pk).update(verified_at=timezone.now())
    with pytest.raises(ValidationError, match="Nobody here looks after"):  # but themselves
        OpeningFactory(author=Member.objects.get(pk=guard.pk)).apply(asked.member, WORDS, guardian=GUARDIAN)
    MemberFactory(is_steward=True).groups.add(Safeguarding.group())
    one = agreed(OpeningFactory(author=Member.objects.get(pk=guard.pk)).apply(asked.member, WORDS, guardian=GUARDIAN))
    one.say(one.poster, "Bring boots.")
    with pytest.raises(ValidationError):
        Word.objects.get().release(one.poster)
    assert "Bring boots." not in signed_in(guard).get("/steward/applications/").text


def test_saying_yes_shows_no_address(asked: Application, minor: Member) -> None:
    one = agreed(asked)
    one.offer(one.poster)
    one.accept(minor)
    for who, other in ((minor, one.poster), (one.poster, minor)):
        text = signed_in(who).get(one.connection.get_absolute_url()).text
        assert other.email not in text and "A steward brings you together" in text


def test_the_desk_lists_20_as_cheaply_as_10(guard: Member, django_assert_max_num_queries: Any) -> None:
    reader, counts = signed_in(guard), []
    for _round in range(2):
        for number in range(10):
            young = MemberFactory(is_adult=False)
            one = agreed(OpeningFactory().apply(young, WORDS, guardian=("Gwen", f"g{young.pk}@example.org")))
            one.say(one.poster, f"Bring boots, {number}.")
        reader.get("/steward/applications/")
        with django_assert_max_num_queries(15) as asked_for:
            reader.get("/steward/applications/")
        counts.append(len(asked_for))
    assert counts[0] == counts[1]


def test_a_file_of_somebody_under_18_is_read_before_it_goes_on(asked: Application, guard: Member) -> None:
    paper = Paper.of(asked, "life", CleanFile(b"Ring me: 07700 900123", name="life.txt"))
    one = agreed(asked)
    url, poster = paper.get_absolute_url(), signed_in(one.poster)
    page = poster.get(one.get_absolute_url())
    assert url not in page.text and "Safeguarding reads it first" in page.text
    assert poster.get(url).status_code == 404
    assert signed_in(one.member).get(url).status_code == 200
    let_through = f"/steward/applications/papers/{paper.pk}/"
    assert poster.post(let_through).status_code == 404  # no hand of safeguarding
    reader = signed_in(guard)
    desk = reader.get("/steward/applications/")
    assert url in desk.text and let_through in desk.text and reader.get(url).status_code == 200
    assert reader.post(let_through).status_code == 302 and reader.post(let_through).status_code == 302
    assert Notice.objects.filter(member=one.poster, kind="application_news").count() == 1
    assert url in poster.get(one.get_absolute_url()).text and poster.get(url).status_code == 200
    assert let_through not in reader.get("/steward/applications/").text


def test_nobody_of_safeguarding_lets_through_what_was_sent_to_them(minor: Member, guard: Member) -> None:
    poster = MemberFactory(is_steward=True, verified_at=timezone.now())
    poster.groups.add(Safeguarding.group())
    one = OpeningFactory(author=poster).apply(minor, WORDS, guardian=GUARDIAN)
    paper = Paper.of(one, "life", CleanFile(b"Two winters with a hedger.", name="life.txt"))
    agreed(one)
    assert signed_in(poster).get(paper.get_absolute_url()).status_code == 404
    assert signed_in(poster).post(f"/steward/applications/papers/{paper.pk}/").status_code == 404
    with pytest.raises(ValidationError):
        paper.let_through(poster)
    paper.let_through(guard)
    assert signed_in(poster).get(paper.get_absolute_url()).status_code == 200


def test_its_button_is_not_refused_in_a_browser(asked: Application) -> None:
    """A page that asks for no referrer at all has its button pressed from the origin `null`."""
    url, browser = link(asked), Client(enforce_csrf_checks=True)
    page = browser.get(url)
    (policy,) = re.findall(r'<meta name="referrer" content="([^"]+)">', page.text)
    assert policy == "strict-origin"
    (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text))
    form = {"answer": "yes", "csrfmiddlewaretoken": token}
    assert browser.post(url, form, headers={"origin": "null"}).status_code == 403
    asked.refresh_from_db()
    assert asked.is_draft
    assert "on its way" in browser.post(url, form, headers={"origin": "http://testserver"}).text
