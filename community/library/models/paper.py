"""A page of the library, or a whole collection, on paper: a PDF with real words, marked for reading aloud."""

from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from community.library.models.pack import INDEX, Pack
from community.topics.models.typeset import typeset

# In these only what is marked counts; white space between two of them is none.
HOLDERS = {
    "main", "article", "section", "header", "div", "ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr", "figure",
}  # fmt: skip


def as_pdf(pack: Pack, title: str, byline: str, request: HttpRequest) -> bytes:
    """The pages of a folder as one PDF/UA file: tagged, with title, language, page numbers and a list of contents.

    Raises ValidationError, with words for the reader, where something in it cannot be set.
    """
    soups = {name: BeautifulSoup(data, "html.parser") for name, data in pack.files.items() if name.endswith(".html")}
    trees = {name: tree(soup.main) for name, soup in soups.items() if soup.main}
    data = {
        "title": title, "authors": [byline] if byline else [], "lang": (get_language() or "en").partition("-")[0],
        "source": request.get_host(), "contents": _("What is in it"),
        "front": without_list(trees.pop(INDEX)) if INDEX in trees else [], "pages": list(trees.values()),
    }  # fmt: skip
    pictures = {name: content for name, content in pack.files.items() if name.startswith("pictures/")}
    return typeset("library/pack/style.css", "paper.typ", data, pictures)


def tree(tag: Tag) -> list[Any]:
    """A part of a page as plain lists: what it is, what is known of it, and what stands in it."""
    kids: list[Any] = []
    for kid in tag.children:
        if isinstance(kid, Tag):
            kids.append(tree(kid))
        elif type(kid) is NavigableString and (kid.strip() or tag.name not in HOLDERS):
            kids.append(" ".join(kid.split(" ")) if "\n" not in kid else " ".join(f" {kid} ".split()))
    about = {"src": tag["src"], "alt": tag["alt"], "width": int(str(tag["width"]))} if tag.name == "img" else {}
    return [tag.name, about, kids]


def without_list(front: list[Any]) -> list[Any]:
    """The first page of a folder without its list: on paper there is one with the numbers of the pages."""
    return [front[0], front[1], [kid for kid in front[2] if not (isinstance(kid, list) and kid[0] == "ol")]]
