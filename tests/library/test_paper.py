"""A page, or a collection, as a PDF: marked for reading aloud, and never more in it than its reader may see."""

import re
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest
from django.test import Client
from wagtail.models import PageViewRestriction

from community.library.models import CaseStudyPage
from community.library.models.pack import Pack
from community.members.models import Member
from community.topics.models import typeset as typeset_module
from tests.conftest import signed_in
from tests.factories import CollectionFactory, StoryFactory
from tests.library.test_pack import one_of_each
from tests.library.test_story_queries import picture

pytestmark = pytest.mark.django_db


def paper(address: str, client: Client | None = None) -> pikepdf.Pdf:
    """The PDF at an address."""
    answer = (client or Client()).get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf", address
    assert re.fullmatch(r'attachment; filename="[a-z0-9-]+\.pdf"', answer["Content-Disposition"])
    return pikepdf.open(BytesIO(answer.content))


def marks(node: Any) -> list[tuple[str, str]]:
    """What its parts are marked as, with the words for pictures, in the order in which they are read aloud."""
    found = [(str(node.S), str(node.get("/Alt", "")))] if "/S" in node else []
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary):
            found += marks(kid)
    return found


def headings(made: pikepdf.Pdf) -> list[str]:
    """The titles in its list of contents, as a reader of PDF files shows them."""

    def below(items: Any) -> list[str]:
        return [title for item in items for title in (str(item.title), *below(item.children))]

    with made.open_outline() as outline:
        return below(outline.root)


def unpacked(made: pikepdf.Pdf) -> bytes:
    """Every part of the file, unpacked."""
    out = BytesIO()
    made.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.generalized)
    return out.getvalue()


def test_it_is_marked_for_reading_aloud() -> None:
    for page in one_of_each():
        if page.url.startswith("/lessons/a-year"):
            continue
        made = paper(f"{page.url}pdf/")
        assert str(made.Root.Lang).startswith("en") and made.Root.MarkInfo.Marked
        assert made.Root.ViewerPreferences.DisplayDocTitle
        with made.open_metadata() as told:
            assert told["dc:title"] == page.title and told["pdfuaid:part"] == "1"
        assert headings(made)[0] == page.title
        assert "/H1" in dict(marks(made.Root.StructTreeRoot)) and len(made.pages) >= 1


def test_it_shows_how_it_ended_its_figures_and_its_pictures() -> None:
    story = one_of_each()[0]
    made = paper(f"{story.url}pdf/")
    found = marks(made.Root.StructTreeRoot)
    kinds = {kind for kind, _alt in found}
    assert {"/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/L", "/LI", "/Figure"} <= kinds
    assert ("/Figure", "A wall") in found
    assert b"/ToUnicode" in unpacked(made)


def test_a_collection_has_a_list_with_the_numbers_of_its_pages() -> None:
    collection = CollectionFactory(title="First winter", pages=one_of_each())
    made = paper(f"{collection.url}pdf/")
    titles = headings(made)
    assert titles[0] == "First winter"
    wanted = ["The fox came", "Sharpen a hook", "A year with hooks", "Hang a hook", "Light in the morning"]
    assert [title for title in titles if title in wanted] == wanted
    assert len(made.pages) >= 7 and "/TOC" in dict(marks(made.Root.StructTreeRoot))


def test_it_takes_no_words_for_marks(member: Member) -> None:
    odd = '#import "x": * $x^2$ *a* _b_ <c> @d `e` \\ // /* = h\n- i #read("/etc/passwd") \u202e\U0001f414'
    story = StoryFactory(
        title=f"Odd {odd}"[:200], slug="odd", summary=odd[:200], body=[("tried", "<p>#panic()</p><h2>x</h2>")]
    )
    made = paper(f"{story.url}pdf/")
    assert headings(made)[0].startswith('Odd #import "x": * $x^2$ *a* _b_ <c> @d `e`')
    assert "/H1" in dict(marks(made.Root.StructTreeRoot))


def test_it_says_so_where_it_cannot_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    story = StoryFactory()
    (tmp_path / "paper.typ").write_text("#panic()")
    beside = SimpleNamespace(origin=SimpleNamespace(name=str(tmp_path / "style.css")))
    monkeypatch.setattr(typeset_module, "get_template", lambda _name: beside)
    answer = Client().get(f"{story.url}pdf/")
    assert answer.status_code == 422 and "Print it from your browser instead" in answer.content.decode()


def test_it_holds_nothing_that_its_reader_may_not_see(member: Member) -> None:
    shut, hidden, told = StoryFactory(title="Shut"), StoryFactory(title="Hidden"), StoryFactory(title="Open")
    PageViewRestriction.objects.create(page=shut, restriction_type=PageViewRestriction.LOGIN)
    collection = CollectionFactory(title="All", pages=[shut, hidden, told])
    hidden.unpublish()
    assert Client().get(f"{hidden.url}pdf/").status_code == Client().get(f"{shut.url}pdf/").status_code == 404
    assert signed_in(member).get(f"{hidden.url}pdf/").status_code == 404
    own = {"All", "Shut", "Hidden", "Open"}
    assert own & set(headings(paper(f"{collection.url}pdf/"))) == {"All", "Open"}
    assert own & set(headings(paper(f"{collection.url}pdf/", signed_in(member)))) == {"All", "Shut", "Open"}
    paper(f"{shut.url}pdf/", signed_in(member))


def test_it_names_nobody_for_what_was_told_in_confidence_nor_the_hour(member: Member) -> None:
    named, story = StoryFactory(author=member), StoryFactory(title="In the dark", author=None)
    CaseStudyPage.objects.filter(pk=story.pk).update(is_confidential=True)
    with paper(f"{named.url}pdf/").open_metadata() as told:
        assert told["dc:creator"] == [member.name]
    made = paper(f"{story.url}pdf/")
    with made.open_metadata() as told:
        assert "dc:creator" not in told and "xmp:CreateDate" not in told
    assert b"CreationDate" not in unpacked(made)


def test_it_refuses_what_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    story = StoryFactory(picture=picture())
    monkeypatch.setattr(Pack, "MOST_BYTES", 100)
    answer = Client().get(f"{story.url}pdf/")
    assert answer.status_code == 422 and "Its pictures and papers" in answer.content.decode()


def test_a_page_leads_to_it() -> None:
    for page in one_of_each():
        if not page.url.startswith("/lessons/a-year"):
            assert f'href="{page.url}pdf/"' in Client().get(page.url).content.decode()
    collection = CollectionFactory(pages=[StoryFactory()])
    assert f'href="{collection.url}pdf/"' in Client().get(f"{collection.url}offline/").content.decode()
