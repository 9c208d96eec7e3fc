"""A collection to take along: whole without a network, and never more in it than its reader may see."""

import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.template.defaultfilters import filesizeformat
from django.test import Client
from PIL import Image as Pillow
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from community.library.models import CaseStudyPage, LogUpdate
from community.library.models.pack import Pack
from community.members.models import Block, Member
from community.topics.models import clean_picture
from tests.conftest import signed_in
from tests.factories import (
    CollectionFactory,
    LessonFactory,
    LogFactory,
    PlaybookFactory,
    SeriesFactory,
    StoryFactory,
    TrialFactory,
)
from tests.library.test_story_queries import picture, queries
from tests.topics.photographs import MAKER, WHO, photographs
from tests.topics.test_clean_documents import pdf
from tests.topics.test_clean_photographs import is_trace, told_by_exiftool

pytestmark = pytest.mark.django_db


def packed(collection: Any, client: Client | None = None) -> dict[str, bytes]:
    """The files of the folder by their names."""
    answer = (client or Client()).get(f"{collection.url}pack/")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == f'attachment; filename="{collection.slug}.zip"'
    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name.removeprefix(f"{collection.slug}/"): archive.read(name) for name in archive.namelist()}


def text_in(files: dict[str, bytes]) -> str:
    return "\n".join(data.decode() for name, data in files.items() if name.endswith((".html", ".css")))


def paper(title: str = "Lending agreement", collection: Any = None) -> Any:
    file = ContentFile(pdf(), name="wilf-harker.pdf")
    more = {"collection": collection} if collection else {}
    return get_document_model().objects.create(title=title, file=file, **more)


def playbook(*papers: Any, **more: Any) -> Any:
    files = [{"title": one.title, "document": one} for one in papers]
    return PlaybookFactory(body=[("what", "<p>One baler.</p>"), ("files", files)], **more)


def one_of_each() -> list[Any]:
    """A page of every kind, with pictures, a paper, figures, a try and a note."""
    steps = [
        ("step", {"title": "Wet it", "text": "<p>Well.</p>", "minutes": 10, "image": picture(), "alt": "A wet stone"})
    ]
    lesson = LessonFactory(title="Sharpen a hook", steps=steps, picture=picture(), tools="A stone")
    pictures = [{"image": picture(), "caption": "The wall in March.", "alt": "A wall"}]
    story = StoryFactory(
        title="The fox came", outcome="failure", picture=picture(),
        body=[("tried", "<p>A <b>low</b> fence.</p>"),
              ("cost", {"rows": [{"item": "Wire", "amount": "£20"}], "text": ""}),
              ("evidence", {"figures": [{"measure": "Hens", "before": "12", "after": "3", "method": "counted"}]}),
              ("pictures", pictures)],
    )  # fmt: skip
    TrialFactory(page=story)
    log = LogFactory(title="Light in the morning")
    LogUpdate(log=log, text="Two eggs more.", picture=picture()).put()
    series = SeriesFactory(title="A year with hooks", lessons=[lesson, LessonFactory(title="Hang a hook")])
    return [story, lesson, series, log, playbook(paper(), title="A ring of machines")]


def test_it_opens_without_a_network() -> None:
    files = packed(CollectionFactory(title="First winter", pages=one_of_each()))
    pages = {name: BeautifulSoup(data, "html.parser") for name, data in files.items() if name.endswith(".html")}
    assert sorted(pages) == [
        "01-the-fox-came.html", "02-sharpen-a-hook.html", "03-a-year-with-hooks.html", "04-hang-a-hook.html",
        "05-light-in-the-morning.html", "06-a-ring-of-machines.html", "index.html",
    ]  # fmt: skip
    for name, page in pages.items():
        assert page.html["lang"] == "en-gb" and page.title.string and len(page.find_all("h1")) == 1, name
        assert len(page.find_all("main")) == 1 and page.find("meta", {"name": "viewport"}), name
        assert not page.find_all(["script", "form", "button", "svg", "iframe", "style"]), name
        leads = [tag[key] for key in ("href", "src") for tag in page.find_all(attrs={key: True})]
        assert leads and [lead for lead in leads if lead.partition("#")[0] not in files] == [], name
        assert all(image["alt"] is not None and image["width"] and image["height"] for image in page.find_all("img"))
        ids = [tag["id"] for tag in page.find_all(id=True)]
        assert len(ids) == len(set(ids)), name
    assert not re.search(r"https?:|url\(|@import|//\w", text_in(files))
    used = {tag["src"] for page in pages.values() for tag in page.find_all("img")}
    assert len(used) == 5 and used == {name for name in files if name.startswith("pictures/")}


def test_it_holds_what_the_pages_say() -> None:
    text = text_in(packed(CollectionFactory(title="First winter", intro="Read.", pages=one_of_each())))
    for words in ("It failed", "A <b>low</b> fence.", "£20", "counted", "The wall in March.", "Wet it", "A stone",
                  "Two eggs more.", "One baler.", "1 try: 1 worked, 0 in part, 0 failed", "Read.", "A wet stone",
                  "Taken along from testserver"):  # fmt: skip
        assert words in text, words


def test_it_says_first_how_much_it_is() -> None:
    collection = CollectionFactory(pages=one_of_each())
    page = Client().get(f"{collection.url}offline/").content.decode()
    size = len(Client().get(f"{collection.url}pack/").content)
    assert f"6 pages, {filesizeformat(size)}" in page.replace("\n", " ") and f"{collection.url}pack/" in page
    assert f"{collection.url}offline/" in Client().get(collection.url).content.decode()


def test_it_is_the_same_each_time() -> None:
    collection = CollectionFactory(pages=one_of_each())
    assert len({Client().get(f"{collection.url}pack/").content for _turn in range(2)}) == 1


def test_it_holds_nothing_that_its_reader_may_not_see(member: Member, stranger: Member) -> None:
    shut = StoryFactory(title="For members", summary="zqshutqz")
    PageViewRestriction.objects.create(page=shut, restriction_type=PageViewRestriction.LOGIN)
    hidden, theirs = (
        StoryFactory(title="Not out yet", summary="zqhiddenqz"),
        StoryFactory(author=stranger, summary="zqtheirsqz"),
    )
    inner = LessonFactory(title="Shut lesson", summary="zqlessonqz")
    PageViewRestriction.objects.create(page=inner, restriction_type=PageViewRestriction.LOGIN)
    told = StoryFactory(title="Open", body=[("tried", f'<p>See <a linktype="page" id="{shut.pk}">the other</a>.</p>')])
    collection = CollectionFactory(pages=[shut, hidden, theirs, told, SeriesFactory(lessons=[inner])])
    hidden.unpublish()
    Block.put(member, stranger)
    everybody, mine = text_in(packed(collection)), text_in(packed(collection, signed_in(member)))
    assert re.findall("zq[a-z]+qz", everybody) and set(re.findall("zq[a-z]+qz", everybody)) == {"zqtheirsqz"}
    assert set(re.findall("zq[a-z]+qz", mine)) == {"zqshutqz", "zqlessonqz"}
    assert "For members" not in everybody and "See the other." in everybody and stranger.name not in mine


def test_it_names_nobody_for_what_was_told_in_confidence() -> None:
    story = StoryFactory(title="Told in the dark", author=None)
    CaseStudyPage.objects.filter(pk=story.pk).update(is_confidential=True)
    page = packed(CollectionFactory(pages=[story]))["01-told-in-the-dark.html"].decode()
    assert "Told in confidence; checked by the desk" in page
    month = story.first_published_at.year
    assert f"{month}-" not in page


def test_it_leads_from_page_to_page_and_nowhere_else() -> None:
    second = StoryFactory(title="Second")
    text = (
        f'<p><a linktype="page" id="{second.pk}">the second</a>, '
        '<a href="https://example.org/lime/?a=1">the maker</a>, '
        '<a href="javascript:alert(1)">this</a>, <a href="/me/">my page</a></p>'
    )
    first = StoryFactory(title="First", body=[("tried", text)])
    page = packed(CollectionFactory(pages=[first, second]))["01-first.html"].decode()
    assert '<a href="02-second.html">the second</a>, the maker (example.org/lime), this, my page</p>' in page
    assert '<a href="02-second.html">Second →</a>' in page and "javascript" not in page


def test_it_says_where_a_video_lies_and_offers_nothing_that_needs_a_network() -> None:
    address = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    story = StoryFactory(title="First", body=[("video", {"url": address, "title": "The fence", "words": "I knock."})])
    page = packed(CollectionFactory(pages=[story]))["01-first.html"].decode()
    assert "www.youtube.com/watch?v=dQw4w9WgXcQ" in page and "I knock." in page
    assert "Show the video" not in page and "Nothing of it is loaded yet" not in page


def test_it_brings_papers_that_anybody_may_open_and_they_are_clean() -> None:
    shut = Collection.get_first_root_node().add_child(instance=Collection(name="Shut"))
    CollectionViewRestriction.objects.create(collection=shut, restriction_type=CollectionViewRestriction.LOGIN)
    page = playbook(paper(), paper("Secret list", shut), title="A ring")
    files = packed(CollectionFactory(pages=[page]))
    papers = [name for name in files if name.startswith("papers/")]
    assert papers == ["papers/01-lending-agreement.pdf"]
    assert 'href="papers/01-lending-agreement.pdf"' in files["01-a-ring.html"].decode()
    assert WHO.encode() not in files[papers[0]] and files[papers[0]].startswith(b"%PDF")


def test_it_keeps_no_trace_of_a_hundred_photographs(tmp_path: Path, settings: Any) -> None:
    shown = [
        clean_picture(ContentFile(photo.data, name=f"wilf.{photo.ending}"), photo.label, None)
        for photo in photographs()
    ]
    parts = [
        [{"image": one, "caption": one.title, "alt": ""} for one in shown[at : at + 25]] for at in range(0, 100, 25)
    ]
    stories = [StoryFactory(picture=part[0]["image"], body=[("pictures", part)]) for part in parts]
    files = packed(CollectionFactory(pages=stories))
    pictures = [name for name in files if name.startswith("pictures/")]
    assert len(pictures) == 100
    for name, data in files.items():
        found = [word for word in (MAKER, WHO, "wilf", "GPS", "Exif", "xmpmeta", "8BIM") if word.encode() in data]
        assert not found, f"{name}: {found}"
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    for name in pictures:
        with Pillow.open(BytesIO(files[name])) as reread:
            assert not dict(reread.getexif()) and not {"comment", "exif", "xmp", "icc_profile"} & set(reread.info)
            assert reread.size == (96, 64)
    told = told_by_exiftool(tmp_path / "pictures")
    assert len(told) == 100
    assert {key for one in told for key in one if is_trace(key)} == set()


def test_it_refuses_what_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    collection = CollectionFactory(pages=[StoryFactory(picture=picture()) for _n in range(3)])
    for limit, words in (
        ("MOST_PAGES", "This collection has 3 pages. 2 fit"),
        ("MOST_BYTES", "Its pictures and papers"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(Pack, limit, 2)
            for word in ("offline/", "pack/"):
                answer = Client().get(f"{collection.url}{word}")
                assert answer.status_code == 422 and words in answer.content.decode()
                assert "Download the folder" not in answer.content.decode()
    assert Client().get(f"{collection.url}pack/").status_code == 200


def test_it_is_made_so_often_for_one_network(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"take-along": "3/h/key"}
    url = CollectionFactory(pages=[StoryFactory()]).url
    client = Client()
    answers = [client.get(f"{url}{last}") for last in ("offline/", "pack/", "pdf/", "pack/", "pdf/")]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert "Wait a little" in answers[3].text
    assert Client(REMOTE_ADDR="203.0.113.9").get(f"{url}pack/").status_code == 200


def test_it_is_only_read() -> None:
    collection = CollectionFactory(pages=[StoryFactory()])
    for word in ("offline/", "pack/"):
        assert Client().post(f"{collection.url}{word}").status_code == 405
        assert Client().get(f"/collections/nothing-here/{word}").status_code == 404


def test_it_asks_little_more_for_many_pages() -> None:
    counts = []
    for number in (10, 20):
        pages = [StoryFactory(picture=picture()) for _n in range(number)]
        counts.append(len(queries(f"{CollectionFactory(pages=pages).url}pack/", Client())))
    assert counts[0] == counts[1] <= 22  # six of them count how often one network asks
