"""A collection to take along: a folder of plain pages with their pictures and papers that opens without a network.

It holds what one reader may see, and nothing else: pages through `visible_to`, pictures from the rows that the site
shows them from, which came in clean, and papers that stand behind no gate. No address in it leads out of the folder.
"""

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils.text import slugify
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from community.library.models.collection import Collected, CollectionPage, pages_for
from community.library.models.lesson import LessonPage
from community.library.models.log import LogPage
from community.library.models.rollup import roll_up
from community.library.models.series import SeriesPage
from community.library.models.tried import TriedPage
from community.library.models.update import LogUpdate
from community.topics.models import EntryPage, rendition_of, with_renditions

PICTURE = "max-780x780|format-webp"  # twice as wide as a phone that is 390 points wide
NOT_SHOWN = ("svg", "script", "style", "form", "button", "input", "iframe", "object", "embed", "link", "template")
KEPT = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "th": {"scope"},
    "time": {"datetime"},
    "html": {"lang", "dir"},
}
KEPT_EVERYWHERE = {"class", "id", "aria-label", "aria-labelledby"}
INDEX = "index.html"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # in place of the hour at which it was put together


class TooLarge(ValidationError):
    """More than one folder should hold."""


@dataclass
class Pack:
    """The files of one folder by their names, and how they are put together."""

    MOST_PAGES: ClassVar[int] = 30
    MOST_BYTES: ClassVar[int] = 20_000_000

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    number: int = 0  # of pages
    size: int = 0

    @classmethod
    def of(cls, collection: CollectionPage, request: HttpRequest) -> "Pack":
        """All of a collection that whoever asks may see.

        Raises TooLarge, with words for the reader, where it is more than one folder should hold.
        """
        entries = with_lessons(collection.entries_for(request.user, is_whole=True), request.user)
        if len(entries) > cls.MOST_PAGES:
            words = _("This collection has %(n)s pages. %(most)s fit into one folder.")
            raise TooLarge(words % {"n": len(entries), "most": cls.MOST_PAGES})
        pack = cls(slugify(collection.slug) or "collection", number=len(entries))
        pack.put("style.css", render_to_string("library/pack/style.css").encode())
        pack._fill(entries, request, collection)
        return pack

    @classmethod
    def of_page(cls, page: Any, request: HttpRequest) -> "Pack":
        """One page that whoever asks may see, without a list before it."""
        pack = cls(slugify(page.slug) or "page", number=1)
        pack._fill([Collected(page)], request, None)
        return pack

    def _fill(self, entries: list[Collected], request: HttpRequest, collection: CollectionPage | None) -> None:
        pages = [one.page for one in entries]
        prepare(pages, request.user)
        for number, page in enumerate(pages, 1):
            page.file_name = f"{number:02}-{page.slug}.html"
        shared = {"collection": collection, "entries": entries, "request": request}
        htmls = {INDEX: render("index", shared)} if collection else {}
        for number, page in enumerate(pages):
            beside = {"before": pages[number - 1] if number else None, "after": next(iter(pages[number + 1 :]), None)}
            htmls[page.file_name] = render("page", shared | beside | {"page": page})
        Binder(self, {page.get_url(request): page.file_name for page in pages}).bind(htmls)

    def put(self, name: str, data: bytes) -> None:
        """Add one file."""
        self.files[name] = data
        self.size += len(data)
        if self.size > self.MOST_BYTES:
            most = filesizeformat(self.MOST_BYTES)
            raise TooLarge(_("Its pictures and papers are more than %(most)s together.") % {"most": most})

    def zipped(self) -> bytes:
        """The folder as one file; pictures are as small as they get, words are packed."""
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, data in self.files.items():
                entry = zipfile.ZipInfo(f"{self.name}/{name}", LONG_AGO)
                is_text = name.endswith((".html", ".css"))
                entry.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, data)
        return out.getvalue()


def with_lessons(entries: list[Collected], reader: Any) -> list[Collected]:
    """The same with the lessons of each series behind it: what a folder does not hold cannot be looked up."""
    parts = {entry.page.pk: entry.page.progress_of(reader).lessons for entry in entries if is_series(entry.page)}
    known = {entry.page.pk for entry in entries}
    missing = dict.fromkeys(one.pk for lessons in parts.values() for one in lessons if one.pk not in known)
    lessons = pages_for(reader, list(missing), is_whole=True) if missing else {}
    whole: list[Collected] = []
    for entry in entries:
        whole.append(entry)
        own = [lessons.pop(one.pk) for one in parts.get(entry.page.pk, []) if one.pk in lessons]
        whole += [Collected(page) for page in own]
        entry.page.shown_lessons = parts.get(entry.page.pk, [])
    return whole


def is_series(page: Any) -> bool:
    """Whether other pages belong behind it."""
    return isinstance(page, SeriesPage)


def prepare(pages: list[Any], reader: Any) -> None:
    """What the pages show beside their own words: pictures, what came of trying it, notes on the way."""
    pictures = [page.picture for page in pages if page.picture]
    prefetch_related_objects(pictures, with_renditions("renditions", EntryPage.WIDE_PICTURE))
    roll_up([page for page in pages if isinstance(page, TriedPage)], reader)
    notes = list(LogUpdate.objects.filter(log__in=[page.pk for page in pages if isinstance(page, LogPage)]).in_order())
    seen = [note.picture for note in notes if note.picture]
    prefetch_related_objects(seen, with_renditions("renditions", LogUpdate.PICTURE))
    for page in pages:
        page.kind_of_page = page._meta.verbose_name
        page.part = f"library/pack/_{page._meta.model_name}.html"
        page.updates_shown = [note for note in notes if note.log_id == page.pk]
        page.steps_shown = page.shown_steps() if isinstance(page, LessonPage) else []


def render(name: str, context: dict[str, Any]) -> str:
    """One page before it is bound."""
    language = {"LANGUAGE_CODE": get_language(), "LANGUAGE_BIDI": get_language_bidi()}
    return render_to_string(f"library/pack/{name}.html", context | language)


@dataclass
class Binder:
    """Makes pages those of one folder: their links lead to pages beside them or are words, as their pictures do."""

    pack: Pack
    pages: dict[str, str]  # address on the site → name in the folder
    pictures: dict[str, tuple[str, Any]] = field(default_factory=dict)  # address on the site → name, rendition
    papers: dict[str, str] = field(default_factory=dict)

    def bind(self, htmls: dict[str, str]) -> None:
        """Put all pages into the folder, with what they show."""
        soups = {name: BeautifulSoup(html, "html.parser") for name, html in htmls.items()}
        self._fetch_pictures(image for soup in soups.values() for image in soup.find_all("img"))
        for name, soup in soups.items():
            self._bind_one(soup)
            self.pack.put(name, str(soup).encode())

    def _fetch_pictures(self, images: Iterable[Tag]) -> None:
        """Pictures that pages of the site show, each once and in the size for a phone."""
        names = {path_of(image).removeprefix(settings.MEDIA_URL): path_of(image) for image in images}
        rows = get_image_model().get_rendition_model().objects.filter(file__in=list(names)).select_related("image")
        shown = {row.file.name: row.image for row in rows}
        prefetch_related_objects(list(shown.values()), with_renditions("renditions", PICTURE))
        kept: dict[int, str] = {}
        for name, address in names.items():
            rendition = rendition_of(shown.get(name), PICTURE)
            if rendition and rendition.pk not in kept and (data := read(rendition.file)):
                kept[rendition.pk] = f"pictures/{len(kept) + 1:02}.webp"
                self.pack.put(kept[rendition.pk], data)
            if rendition and rendition.pk in kept:
                self.pictures[address] = kept[rendition.pk], rendition

    def _bind_one(self, soup: BeautifulSoup) -> None:
        for asked in soup.find_all(class_="video--asked"):
            asked.decompose()  # there is no network to show it from; the link below it stays
        for tag in soup.find_all(NOT_SHOWN):
            if not (tag.name == "link" and tag.get("href") == "style.css"):
                tag.decompose()
        for link in soup.find_all("a"):
            self._lead(link)
        for image in soup.find_all("img"):
            self._show(image)
        for tag in soup.find_all(True):
            kept = KEPT.get(tag.name, set()) | KEPT_EVERYWHERE
            if tag.name not in {"meta", "link"}:
                tag.attrs = {name: value for name, value in tag.attrs.items() if name in kept}

    def _lead(self, link: Tag) -> None:
        href = str(link.get("href", ""))
        if href.startswith("#") or href in {*self.pages.values(), INDEX}:
            return
        where = urlsplit(href)
        is_ours = not where.netloc or where.netloc == urlsplit(settings.SITE_URL).netloc
        inside = (self.pages.get(where.path) or self._paper(where.path)) if is_ours else ""
        if inside:
            link["href"] = inside
            return
        if where.netloc and not is_ours and where.netloc not in link.get_text():
            is_video = link.find_parent(class_="chapter--video")  # which is nothing without its number
            query = f"?{where.query}" if is_video and where.query else ""
            link.append(f" ({where.netloc}{where.path.rstrip('/')}{query})")
        link.unwrap()

    def _paper(self, path: str) -> str:
        """The name in the folder of a paper that anybody may open; empty where there is none."""
        found = re.match(r"/documents/(\d{1,9})/", path)
        if found is None:
            return ""
        if path not in self.papers:
            paper = get_document_model().objects.filter(pk=found[1]).select_related("collection").first()
            self.papers[path] = ""
            if paper and not paper.collection.get_view_restrictions().exists() and (data := read(paper.file)):
                stem = slugify(paper.title)[:50] or "paper"
                name = f"papers/{len(self.papers):02}-{stem}{PurePosixPath(paper.file.name).suffix.lower()}"
                self.pack.put(name, data)
                self.papers[path] = name
        return self.papers[path]

    def _show(self, image: Tag) -> None:
        if path_of(image) not in self.pictures:
            image.decompose()
            return
        image["src"], rendition = self.pictures[path_of(image)]
        image["width"], image["height"] = str(rendition.width), str(rendition.height)
        image["alt"] = str(image.get("alt") or "")


def path_of(image: Tag) -> str:
    """Where the site keeps a picture."""
    return unquote(urlsplit(str(image.get("src", ""))).path)


def read(file: Any) -> bytes:
    """The bytes of a file that is kept; none where it is gone from the disk."""
    try:
        with file.open("rb") as opened:
            return bytes(opened.read())
    except OSError:
        return b""
