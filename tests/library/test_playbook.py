"""A playbook to copy: reading it, and saying that one's own place has adopted it."""

import json
import re
import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.library import privacy
from community.library.models import Adoption, PlaybookIndexPage, PlaybookPage
from community.members.models import Block, Draft, Member
from community.notices.models import Notice
from community.trust.models import Audit, person_at
from tests.conftest import signed_in
from tests.factories import MemberFactory, PlaybookFactory, TopicFactory
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


def said(**more: Any) -> dict[str, Any]:
    return {"place": "Netherfold ring", "year": "2021", "form_key": str(uuid.uuid4())} | more


def adopt(page: PlaybookPage, member: Member, **fields: Any) -> Adoption:
    return Adoption(playbook=page, member=member, **({"place": "Netherfold ring", "year": 2021} | fields)).put()


def test_it_shows_what_it_is_what_it_takes_and_what_was_agreed(member: Member) -> None:
    page = PlaybookFactory(
        author=member, people="Four farms at least", credit="the Tolver growers", topics=[TopicFactory(slug="repair")],
        body=[
            ("what", "<p>One baler, one board.</p>"),
            ("needs", "<p>A dry shed.</p>"),
            ("stages", [{"title": "Meet once", "text": "<p>Without a plan.</p>"}]),
            ("agreements", "<p>Whoever breaks it mends it.</p>"),
            ("cost", {"rows": [{"item": "Baler, second hand", "amount": "£4,200"}], "text": ""}),
            ("wrong", "<p>Nobody greased it.</p>"),
        ],
    )  # fmt: skip
    html = html_of(page.url)
    for words in (
        "One baler, one board.", "A dry shed.", "Meet once", "Without a plan.", "Whoever breaks it mends it.",
        "£4,200", "Nobody greased it.", "Four farms at least", "the Tolver growers", "Alma Field", "CC BY-SA 4.0",
        "A few weeks", "Repair",
    ):  # fmt: skip
        assert words in html, words
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)[1])  # type: ignore[index]
    assert data["license"] == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert (data["@type"], data["creditText"]) == ("Article", "the Tolver growers")


def test_its_papers_can_be_taken_away() -> None:
    from django.core.files.base import ContentFile
    from wagtail.documents import get_document_model

    paper = get_document_model()(title="Lending agreement")
    paper.file.save("agreement.txt", ContentFile(b"Whoever breaks it mends it.\n"))
    page = PlaybookFactory(body=[("files", [{"title": "Lending agreement, one page", "document": paper}])])
    html = html_of(page.url)
    assert "Lending agreement, one page" in html and f'href="{paper.url}"' in html
    assert "agreement.txt" not in html


def test_the_list_filters_by_topic_and_cost() -> None:
    PlaybookFactory(title="Cheap", budget="nothing", topics=[TopicFactory(slug="repair")])
    PlaybookFactory(title="Dear", budget="much")

    def titles(**query: str) -> list[str]:
        return [page.title for page in Client().get("/playbooks/", query).context["entries"]]

    assert titles() == ["Dear", "Cheap"]
    assert titles(topic="repair") == titles(budget="nothing") == titles(q="chea") == ["Cheap"]
    assert titles(budget="\x00", q="*") == ["Dear", "Cheap"]


def test_it_can_be_tried_like_a_story(as_member: Client) -> None:
    page = PlaybookFactory()
    assert f"{page.url}tried/" in html_of(page.url)
    assert as_member.get(f"{page.url}tried/").status_code == 200


def test_it_never_names_an_author_under_18_and_hides_from_who_is_kept_away(
    minor: Member, member: Member, stranger: Member, as_stranger: Client
) -> None:
    assert "Cleo" not in html_of(PlaybookFactory(author=minor).url)
    page = PlaybookFactory(author=member, title="Kept away")
    one = adopt(page, stranger)
    Block.put(member, stranger)
    for address in ("", "adopted/", "tried/"):
        assert as_stranger.get(f"{page.url}{address}").status_code == 404, address
    assert "Kept away" not in as_stranger.get("/playbooks/").content.decode()
    assert as_stranger.get(f"{page.url}adopted/{one.pk}/").status_code == 200  # one's own words stay within reach


# --- Saying so ----------------------------------------------------------------------------------------------------


def test_a_member_says_which_place_adopted_it_and_since_when(member: Member, as_stranger: Client) -> None:
    page = PlaybookFactory(author=member)
    sent = said(note="We book by telephone.", version=version(as_stranger, f"{page.url}adopted/"))
    for _twice in range(2):
        assert as_stranger.post(f"{page.url}adopted/", sent).status_code == 302
    one = Adoption.objects.get()
    html = html_of(page.url)
    for words in ("Netherfold ring", "2021", "We book by telephone.", "Bruno Stray"):
        assert words in html
    notice = Notice.objects.get()
    assert (notice.member, notice.kind, notice.url) == (member, "playbook_adopted", page.url)
    assert person_at(f"{page.url}adopted/{one.pk}/") == one.member  # whom a report is about


def test_it_is_changed_and_taken_away_by_whoever_said_it(stranger: Member, as_stranger: Client) -> None:
    page = PlaybookFactory()
    one = adopt(page, stranger)
    address = f"{page.url}adopted/{one.pk}/"
    sent = said(year="2019", version=version(as_stranger, f"{address}edit/"))
    assert as_stranger.post(f"{address}edit/", sent).status_code == 302
    assert Adoption.objects.get().year == 2019
    assert as_stranger.get(f"{address}delete/").status_code == 200 and Adoption.objects.exists()
    assert as_stranger.post(f"{address}delete/").status_code == 302 and not Adoption.objects.exists()


@pytest.mark.parametrize("is_steward", [False, True])
def test_nobody_else_changes_it(is_steward: bool, stranger: Member) -> None:
    page = PlaybookFactory(author=MemberFactory())
    one = adopt(page, stranger)
    for who in (page.author, MemberFactory(is_steward=is_steward)):
        for action in ("edit", "delete"):
            assert signed_in(who).post(f"{page.url}adopted/{one.pk}/{action}/", said()).status_code == 404
    assert Client().post(f"{page.url}adopted/{one.pk}/delete/").status_code == 302
    assert Adoption.objects.get().year == 2021


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": ""}, {"place": "x" * 10_000}, {"place": "a\x00b"}, {"year": "2999"}, {"year": "1"}, {"year": "-5"},
        {"year": "9" * 400}, {"year": "soon"}, {"note": "x" * 10_000}, {"note": "a\x00b"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_kept(wrong: dict[str, str], as_member: Client) -> None:
    page = PlaybookFactory()
    address = f"{page.url}adopted/"
    response = as_member.post(address, said(version=version(as_member, address)) | wrong)
    assert response.status_code == 200 and response.context["form"].errors
    assert not Adoption.objects.exists() and Draft.objects.exists()


def test_somebody_under_18_is_asked_to_have_it_said_for_them(minor: Member) -> None:
    page = PlaybookFactory()
    response = signed_in(minor).post(f"{page.url}adopted/", said())
    assert response.status_code == 409 and "Netherfold ring" in response.content.decode()
    assert not Adoption.objects.exists()


def test_nobody_speaks_for_more_places_than_anybody_has(member: Member) -> None:
    page = PlaybookFactory()
    for _n in range(Adoption.MOST_ON_A_PAGE):
        adopt(page, member)
    with pytest.raises(ValidationError, match="5 places"):
        adopt(page, member)


def test_who_is_blocked_is_not_named_or_counted(member: Member, stranger: Member, as_stranger: Client) -> None:
    page = PlaybookFactory()
    one = adopt(page, member)
    assert "Netherfold ring" in html_of(page.url, as_stranger)
    Block.put(member, stranger)
    assert "Netherfold ring" not in html_of(page.url, as_stranger)
    assert as_stranger.get(f"{page.url}adopted/{one.pk}/").status_code == 404
    assert "Netherfold ring" in html_of(page.url)


def test_what_hangs_on_a_page_that_is_gone_is_gone(member: Member, as_stranger: Client) -> None:
    page = PlaybookFactory()
    one = adopt(page, member)
    page.unpublish()
    assert as_stranger.get(f"{page.url}adopted/{one.pk}/").status_code == 404
    assert not Adoption.objects.visible_to(None).exists()


def test_a_steward_hides_what_is_wrong_and_puts_it_back(member: Member, steward: Member, as_steward: Client) -> None:
    page = PlaybookFactory()
    one = adopt(page, member)
    address = f"{page.url}adopted/{one.pk}/"
    assert as_steward.post(f"{address}hide/", {"reason": ""}).status_code == 422
    assert as_steward.post(f"{address}hide/", {"reason": "No such ring."}).status_code == 302
    assert "Netherfold ring" not in html_of(page.url)
    assert Client().get(address).status_code == 404
    assert "A steward has taken this" in html_of(address, signed_in(member))
    audit = Audit.objects.get(verb="hide")
    assert (audit.actor, audit.member, audit.reason) == (steward, member, "No such ring.")
    assert as_steward.post(f"{address}show/", {"reason": "It exists."}).status_code == 302
    assert "Netherfold ring" in html_of(page.url)


def test_nobody_but_another_steward_hides(member: Member, steward: Member, as_stranger: Client) -> None:
    page = PlaybookFactory()
    one, own = adopt(page, member), adopt(page, steward)
    assert as_stranger.post(f"{page.url}adopted/{one.pk}/hide/", {"reason": "I dislike it."}).status_code == 404
    assert signed_in(steward).post(f"{page.url}adopted/{own.pk}/hide/", {"reason": "Mine."}).status_code == 404
    assert Adoption.objects.filter(hidden_at=None).count() == 2


def test_everything_is_given_out_and_forgotten(member: Member) -> None:
    page = PlaybookFactory(author=member, owner=member)
    adopt(page, member, note="My own words.")
    told = privacy.export(member)
    assert told["adoptions"][0]["note"] == "My own words." and "One baler" in str(told["playbooks"])
    privacy.erase(member)
    page.refresh_from_db()
    assert (page.author, page.owner, page.revisions.count()) == (None, None, 0)
    left = Adoption.objects.get()
    assert (left.member, left.note, left.place, left.byline) == (None, "", "Netherfold ring", "")


# --- How often it asks ---------------------------------------------------------------------------------------------


def write(number: int, author: Member) -> PlaybookPage:
    for _n in range(number):
        page = PlaybookFactory(author=author, topics=[TopicFactory(slug="soil")], picture=picture())
    return page


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_the_list_asks_as_often_for_20_as_for_10(
    member: Member, as_stranger: Client, monkeypatch: pytest.MonkeyPatch, is_signed_in: bool
) -> None:
    monkeypatch.setattr(PlaybookIndexPage, "PER_PAGE", 100)
    client = as_stranger if is_signed_in else Client()
    write(10, member)
    ten = queries("/playbooks/", client)
    write(10, member)
    twenty = queries("/playbooks/", client)
    assert len(ten) == len(twenty) <= MOST, "\n".join(one[:200] for one in twenty)


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_a_playbook_asks_as_often_for_20_adoptions_as_for_10(
    member: Member, as_stranger: Client, is_signed_in: bool
) -> None:
    client = as_stranger if is_signed_in else Client()
    page, counts = write(1, member), []
    for _twice in range(2):
        for n in range(10):
            adopt(page, MemberFactory(), year=timezone.localdate().year - n)
        counts.append(queries(page.url, client))
    assert len(counts[0]) == len(counts[1]) <= MOST, "\n".join(one[:200] for one in counts[1])


@pytest.mark.parametrize("way", ["", "edit/"])
def test_ones_own_does_not_say_what_stands_on_a_playbook_that_is_shut(
    way: str, as_stranger: Client, stranger: Member, member: Member
) -> None:
    page = PlaybookFactory(author=member, title="Before")
    address = f"/playbooks/{page.slug}/adopted/{adopt(page, stranger).pk}/{way}"
    assert "Before" in as_stranger.get(address).text
    Block.put(member, stranger)
    PlaybookPage.objects.update(title="Zqsecretqz")
    answer = as_stranger.get(address)
    assert answer.status_code == 200 and "Zqsecretqz" not in answer.text
