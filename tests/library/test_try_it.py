"""Telling "we tried this here", changing it, and taking it away."""

import uuid
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Pillow
from wagtail.images import get_image_model

from community.library import privacy
from community.library.models import CaseStudyPage, Trial
from community.members.models import Block, Draft, Member, Profile
from community.notices.models import Notice, NoticeKind
from community.trust.models import Report
from tests.conftest import signed_in
from tests.factories import MemberFactory, SeasonFactory, StoryFactory, TrialFactory

pytestmark = pytest.mark.django_db

GPS = 0x8825
HOME = {"place": "Tolver", "cell_lat": 54.3, "cell_lon": -3.1}


def photo(name: str = "IMG_bruno.jpg") -> SimpleUploadedFile:
    """A photo as a phone takes it, with the place in it."""
    exif = Pillow.Exif()
    exif.get_ifd(GPS).update({1: "N", 2: (50.0, 51.0, 36.0), 3: "W", 4: (8.0, 27.0, 36.0)})
    out = BytesIO()
    Pillow.new("RGB", (60, 40), "green").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def filled(client: Client, address: str, **typed: Any) -> dict[str, Any]:
    """The form as a browser would send it, with these answers typed over what stands there."""
    form = client.get(address).context["form"]
    begun = {name: form[name].value() for name in form.fields if name not in {"photo", "is_on_map", "goes"}}
    if "is_on_map" in form.fields and form["is_on_map"].value():
        begun["is_on_map"] = "on"
    return {name: "" if value is None else str(value) for name, value in begun.items()} | {"outcome": "worked"} | typed


def tell(client: Client, story: Any, **typed: Any) -> Any:
    address = f"{story.url}tried/"
    return client.post(address, filled(client, address, **typed))


def test_it_tells_what_came_of_it(as_stranger: Client, stranger: Member) -> None:
    story, winter = StoryFactory(), SeasonFactory()
    answer = tell(
        as_stranger, story, outcome="failed", year="2023", season="winter", soil="clay", climate="upland",
        scale="small", place="Ashgarth", changed="We used no lime.", learned="It stayed wet.", cost="£40",
        equipment="Spade",
    )  # fmt: skip
    trial = Trial.objects.get()
    assert answer["Location"] == trial.get_absolute_url() == f"{story.url}tries/{trial.uid}/"
    assert (trial.member, trial.page_id, trial.outcome, trial.year) == (stranger, story.pk, "failed", 2023)
    assert (trial.season, trial.soil, trial.climate, trial.scale) == (winter, "clay", "upland", "small")
    for address in (answer["Location"], f"{story.url}tries/"):
        html = Client().get(address).content.decode()
        for words in (
            "Bruno Stray",
            "Ashgarth",
            "Winter",
            "Clay",
            "no lime",
            "stayed wet",
            "£40",
            "Spade",
            "It failed",
        ):
            assert words in html, words


def test_it_needs_no_more_than_an_outcome_and_a_year(as_stranger: Client) -> None:
    story = StoryFactory()
    answer = as_stranger.post(f"{story.url}tried/", {"outcome": "partly", "year": "2020"})
    assert answer.status_code == 409  # without the mark of what the form was opened on
    assert tell(as_stranger, story, outcome="partly", place="").status_code == 302
    assert Trial.objects.get().outcome == "partly"


def test_it_tells_the_same_form_once(as_stranger: Client) -> None:
    story = StoryFactory()
    typed = filled(as_stranger, f"{story.url}tried/", learned="It stayed wet.")
    first, second = (as_stranger.post(f"{story.url}tried/", typed) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Trial.objects.count() == 1
    trial = Trial.objects.get()
    again = Trial(member=trial.member, key=trial.key, outcome="failed", year=2020)
    assert again.put(story).pk == trial.pk


def test_it_keeps_what_was_typed_by_somebody_whose_login_ended() -> None:
    story, key = StoryFactory(), str(uuid.uuid4())
    client, member = Client(), MemberFactory()
    answer = client.post(
        f"{story.url}tried/", {"outcome": "failed", "year": "2020", "learned": "It rotted.", "form_key": key}
    )
    assert answer.status_code == 302 and "/accounts/login/" in answer["Location"]
    assert Draft.objects.get().data["learned"] == ["It rotted."]
    client.force_login(member)
    html = client.get(f"{story.url}tried/?draft={Draft.objects.get().key}").content.decode()
    assert "It rotted." in html and not Trial.objects.exists()


LONG, TOO_MANY = "x" * 10_000, "9" * 5000


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"outcome": ""}, "This is still empty"),
        ({"outcome": "splendid"}, "“splendid” cannot be chosen"),
        ({"year": "2999"}, "This year has not come yet"),
        ({"year": "soon"}, "with four digits"),
        ({"year": TOO_MANY}, ""),
        ({"year": "-1"}, ""),
        ({"season": "monsoon"}, "Select a valid choice"),
        ({"season": "\x00"}, ""),
        ({"soil": "\x00"}, ""),
        ({"learned": LONG}, "at most 1500"),
        ({"place": LONG}, "at most 80"),
        ({"learned": "a\x00b"}, "Null characters"),
    ],
)
def test_it_says_what_is_wrong_and_keeps_the_rest(as_stranger: Client, wrong: dict[str, str], words: str) -> None:
    story = StoryFactory()
    answer = tell(as_stranger, story, changed="We used no lime.", **wrong)
    html = answer.content.decode()
    assert answer.status_code == 200 and not Trial.objects.exists()
    assert "error-summary" in html and words in html and "We used no lime." in html


def test_it_takes_odd_letters(as_stranger: Client) -> None:
    story = StoryFactory()
    assert tell(as_stranger, story, place="🐑 <b>", learned="<script>alert(1)</script> ﷽").status_code == 302
    html = Client().get(f"{story.url}tries/").content.decode()
    assert "<script>alert" not in html and "🐑 &lt;b&gt;" in html


def test_it_cleans_the_photo_and_shows_it(as_stranger: Client, stranger: Member) -> None:
    story = StoryFactory()
    assert tell(as_stranger, story, photo=photo(), words="A green field").status_code == 302
    picture = Trial.objects.get().picture
    assert picture.uploaded_by_user == stranger and "bruno" not in picture.file.name.lower()
    with Pillow.open(picture.file.open("rb")) as kept:
        assert not kept.getexif()
    assert 'alt="A green field"' in Client().get(f"{story.url}tries/").content.decode()


@pytest.mark.parametrize("data", [b"<svg onload='alert(1)'/>", b"\xff\xd8\xff no photo", b""])
def test_it_refuses_what_is_no_photo(as_stranger: Client, data: bytes) -> None:
    story = StoryFactory()
    answer = tell(as_stranger, story, photo=SimpleUploadedFile("a.jpg", data, "image/jpeg"), learned="It rotted.")
    assert answer.status_code == 200 and "error-summary" in answer.content.decode()
    assert "It rotted." in answer.content.decode()
    assert not Trial.objects.exists() and not get_image_model().objects.exists()


def test_it_changes_ones_own(as_stranger: Client, stranger: Member) -> None:
    trial = TrialFactory(page=StoryFactory(author=MemberFactory()), member=stranger, soil="clay")
    edit = f"{trial.get_absolute_url()}edit/"
    assert as_stranger.post(edit, filled(as_stranger, edit, photo=photo(), outcome="failed")).status_code == 302
    trial.refresh_from_db()
    first = trial.picture
    assert (trial.outcome, trial.soil) == ("failed", "clay") and first
    assert as_stranger.post(edit, filled(as_stranger, edit, photo=photo(), words="New")).status_code == 302
    trial.refresh_from_db()
    assert trial.picture.pk != first.pk and trial.picture.description == "New"
    assert as_stranger.post(edit, filled(as_stranger, edit, goes="on")).status_code == 302
    assert not get_image_model().objects.exists()
    assert Notice.objects.count() == 1  # telling, not changing


def test_it_does_not_write_over_what_was_changed_meanwhile(as_stranger: Client, stranger: Member) -> None:
    trial = TrialFactory(member=stranger, season=SeasonFactory(), learned="Old")
    edit = f"{trial.get_absolute_url()}edit/"
    typed = filled(as_stranger, edit, learned="Mine")
    Trial.objects.update(learned="From the other window")
    answer = as_stranger.post(edit, typed)
    assert answer.status_code == 409
    assert "Mine" in answer.content.decode() and "From the other window" in answer.content.decode()
    assert Trial.objects.get().learned == "From the other window"


def test_it_takes_ones_own_away(as_stranger: Client, stranger: Member) -> None:
    trial = TrialFactory(member=stranger)
    address = f"{trial.get_absolute_url()}delete/"
    assert as_stranger.get(address).status_code == 200 and Trial.objects.exists()
    assert as_stranger.post(address).status_code == 302
    assert not Trial.objects.exists()


def test_nobody_else_changes_it_or_takes_it_away(member: Member, as_stranger: Client, as_steward: Client) -> None:
    trial = TrialFactory(member=member)
    for client in (as_stranger, as_steward):
        for verb in ("edit", "delete"):
            assert client.get(f"{trial.get_absolute_url()}{verb}/").status_code == 404
            assert client.post(f"{trial.get_absolute_url()}{verb}/", {"outcome": "failed"}).status_code == 404
    assert Trial.objects.get().outcome == "worked"


def test_it_stays_ones_own_where_the_page_is_gone(as_stranger: Client, stranger: Member) -> None:
    trial = TrialFactory(member=stranger)
    trial.page.specific.unpublish()
    address = trial.get_absolute_url()
    assert as_stranger.get(address).status_code == 200
    assert as_stranger.post(f"{address}delete/")["Location"] == "/stories/"


@pytest.mark.parametrize("way", ["", "edit/", "delete/"])
def test_ones_own_does_not_say_what_stands_on_a_page_that_is_shut(
    way: str, as_stranger: Client, stranger: Member, member: Member
) -> None:
    trial = TrialFactory(page=StoryFactory(author=member, title="Before"), member=stranger)
    assert "Before" in as_stranger.get(f"{trial.get_absolute_url()}{way}").text
    Block.put(member, stranger)
    CaseStudyPage.objects.update(title="Zqsecretqz")
    html = as_stranger.get(f"{trial.get_absolute_url()}{way}").text
    assert "Zqsecretqz" not in html and "A page that is not shown to you" in html


def test_it_lets_the_teller_of_the_story_hear_of_it(member: Member, stranger: Member) -> None:
    story = StoryFactory(author=member)
    TrialFactory(page=story, member=stranger)
    TrialFactory(page=story, member=stranger, year=2023)
    notice = Notice.objects.get(member=member)  # twice in one day is told once
    assert (notice.kind, notice.url) == (NoticeKind.TRIAL_RECEIVED, f"{story.url}tries/")
    assert "Bruno" not in "".join(notice.lines)


def test_it_is_for_others_than_the_teller(member: Member, as_member: Client) -> None:
    story = StoryFactory(author=member)
    assert "You told this yourself" in as_member.get(f"{story.url}tried/").content.decode()
    assert tell_blind(as_member, story).status_code == 409
    assert not Trial.objects.exists()


def tell_blind(client: Client, story: Any) -> Any:
    return client.post(f"{story.url}tried/", {"outcome": "worked", "year": "2020"})


def test_it_has_a_bound_a_page_and_a_day(stranger: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trial, "MOST_ON_A_PAGE", 2)
    monkeypatch.setattr(Trial, "MOST_A_DAY", 3)
    story = StoryFactory()
    for _n in range(2):
        TrialFactory(page=story, member=stranger)
    with pytest.raises(ValidationError, match="2 tries here"):
        TrialFactory(page=story, member=stranger)
    TrialFactory(member=stranger)
    with pytest.raises(ValidationError, match="3 tries today"):
        TrialFactory(member=stranger)
    assert Trial.objects.count() == 3


def test_it_is_404_where_the_story_is_not_to_be_seen(member: Member, stranger: Member) -> None:
    story = StoryFactory(author=member)
    Block.put(member, stranger)
    assert signed_in(stranger).get(f"{story.url}tried/").status_code == 404
    assert signed_in(stranger).get("/stories/never-told/tried/").status_code == 404


# --- A story of its own ------------------------------------------------------------------------------------------


def test_it_grows_into_a_story(as_stranger: Client, stranger: Member) -> None:
    trial = TrialFactory(
        member=stranger,
        outcome="failed",
        soil="clay",
        season=SeasonFactory(),
        changed="No <lime>.",
        learned="It rotted.",
    )
    address = trial.get_absolute_url()
    first, second = (as_stranger.post(f"{address}story/") for _n in range(2))
    assert first.status_code == 302 and first["Location"] == second["Location"]
    story = CaseStudyPage.objects.get(author=stranger)
    working = story.working
    assert (working.outcome, working.soil, working.season, working.year) == (
        "failure",
        "clay",
        trial.season,
        trial.year,
    )
    assert [(part.block_type, part.value.source) for part in working.body] == [
        ("tried", "<p>No &lt;lime&gt;.</p>"), ("happened", "<p>It rotted.</p>"),
    ]  # fmt: skip
    assert trial.page.title in story.title and not story.live
    assert "a story of its own" not in Client().get(address).content.decode()  # nobody sees it yet
    working.summary = "We used no lime, and it rotted."
    working.save_revision().publish()
    for page in (address, f"{trial.page.url}tries/"):
        assert f'href="{story.url}"' in Client().get(page).content.decode()
    Block.put(stranger, viewer := MemberFactory())
    assert story.url not in signed_in(viewer).get(f"{trial.page.url}tries/").content.decode()


def test_it_grows_for_its_teller_alone(member: Member, as_stranger: Client, minor: Member) -> None:
    trial, young = TrialFactory(member=member), TrialFactory(member=minor)
    assert as_stranger.post(f"{trial.get_absolute_url()}story/").status_code == 404
    assert "Make a story" not in signed_in(minor).get(young.get_absolute_url()).content.decode()
    answer = signed_in(minor).post(f"{young.get_absolute_url()}story/", follow=True)
    assert "nobody under 18 is named" in answer.content.decode()
    assert not CaseStudyPage.objects.exclude(author=None).exists()


# --- Where ------------------------------------------------------------------------------------------------------


def test_it_is_on_the_map_only_for_those_who_say_so(as_stranger: Client, stranger: Member) -> None:
    Profile.objects.filter(member=stranger).update(**HOME)
    story = StoryFactory()
    assert as_stranger.get(f"{story.url}tried/").context["form"]["place"].value() == "Tolver"
    tell(as_stranger, story)
    assert Trial.objects.get().cell is None
    tell(as_stranger, story, is_on_map="on")
    cell = Trial.objects.order_by("pk").last().cell  # type: ignore[union-attr]
    assert cell is not None and cell == type(cell).around(cell.lat, cell.lon)


def test_it_does_not_put_another_place_on_ones_own_square(as_stranger: Client, stranger: Member) -> None:
    Profile.objects.filter(member=stranger).update(**HOME)
    story = StoryFactory()
    tell(as_stranger, story, is_on_map="on", place="Ashgarth")
    assert Trial.objects.get().cell is None
    for _n in range(2):  # a village is known where two show that they live there
        MemberFactory(profile={"place": "Ashgarth", "cell_lat": 53.0, "cell_lon": -2.0})
    tell(as_stranger, story, is_on_map="on", place="ashgarth")
    assert Trial.objects.order_by("pk").last().cell is not None  # type: ignore[union-attr]


def test_it_shows_no_place_that_is_kept_back(stranger: Member, as_stranger: Client) -> None:
    Profile.objects.filter(member=stranger).update(**HOME, place_visibility="matching")
    assert not as_stranger.get(f"{StoryFactory().url}tried/").context["form"]["place"].value()


def test_it_names_and_places_nobody_under_18(minor: Member) -> None:
    Profile.objects.filter(member=minor).update(**HOME)
    story, client = StoryFactory(), signed_in(minor)
    assert not {"place", "is_on_map"} & set(client.get(f"{story.url}tried/").context["form"].fields)
    assert tell(client, story, place="Tolver", is_on_map="on").status_code == 302
    trial = Trial.objects.get()
    assert (trial.place, trial.cell, trial.byline) == ("", None, "")
    html = Client().get(f"{story.url}tries/").content.decode()
    assert "Cleo" not in html and "Tolver" not in html.partition("<main")[2]


def test_it_keeps_no_place_of_somebody_under_18_by_any_way(minor: Member) -> None:
    Profile.objects.filter(member=minor).update(**HOME)
    trial = TrialFactory(member=Member.objects.get(pk=minor.pk), place="Tolver", is_on_map=True)
    assert (trial.place, trial.cell) == ("", None)


# --- What is kept -----------------------------------------------------------------------------------------------


def test_it_is_given_out_whole(stranger: Member) -> None:
    TrialFactory(member=stranger, learned="It stayed wet.", season=SeasonFactory())
    (row,) = privacy.export(stranger)["trials"]
    assert (row["learned"], row["season"], row["outcome"]) == ("It stayed wet.", "Winter", "worked")


def test_it_stays_without_a_person_and_a_place(stranger: Member) -> None:
    Profile.objects.filter(member=stranger).update(**HOME)
    trial = TrialFactory(member=stranger, place="Tolver", learned="It stayed wet.", key=uuid.uuid4(), is_on_map=True)
    assert trial.cell
    privacy.erase(stranger)
    trial.refresh_from_db()
    assert (trial.member, trial.key, trial.place, trial.cell) == (None, None, "", None)
    assert (trial.learned, trial.byline) == ("It stayed wet.", "")
    assert Client().get(trial.get_absolute_url()).status_code == 200


def test_a_report_of_it_is_about_who_told_it(member: Member, stranger: Member) -> None:
    trial = TrialFactory(page=StoryFactory(author=member), member=stranger)
    assert Report.make(MemberFactory(), trial.get_absolute_url(), "untrue").about == stranger
