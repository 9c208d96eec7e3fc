"""The first pages once more in every other language of the site; made where they are missing, never changed."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page

from community.topics.models import EntryIndexPage
from home.models import HomePage
from home.tree import allow_editors, lists, paragraphs, plain_pages


def is_translated() -> bool:
    """Whether every other language has its front page and all lists, so that there is nothing to do at a start."""
    models = [HomePage, *(model for model in HomePage.allowed_subpage_models() if issubclass(model, EntryIndexPage))]
    others = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    return all(model.objects.filter(locale__language_code=code).exists() for model in models for code in others)


@transaction.atomic
def translate() -> None:
    """Plant what is missing: front page, lists, and those plain pages that still say what every community begins with.

    What a community has written itself is its own; an editor puts that into the other language.
    """
    front = HomePage.objects.filter(locale__language_code=settings.LANGUAGE_CODE).first()
    others = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    with translation.override(settings.LANGUAGE_CODE):
        untouched = plain_pages()
    for code in others if front else []:
        locale, _is_new = Locale.objects.get_or_create(language_code=code)
        with translation.override(code):
            _put(front, locale, title=_("Front page"), headline=_("Know-how, handed on"), lead=_(
                "People who grow, make and mend things show each other how. Read what others tried, or come and see."
            ))  # fmt: skip
            allow_editors(front.get_translation(locale))
            for page in front.get_children().live().specific():
                if words := lists().get(type(page).__name__):
                    _put(page, locale, title=words[1], intro=words[2])
                elif page.slug in untouched and _says(page, *untouched[page.slug]):
                    title, texts = plain_pages()[page.slug]
                    _put(page, locale, title=title, body=paragraphs(texts))


def _says(page: Any, title: str, texts: list[str]) -> bool:
    """Whether a plain page still has the words that it was planted with."""
    return bool(page.title == title and str(page.body) == str(type(page)(body=paragraphs(texts)).body))


def _put(page: Page, locale: Locale, **words: Any) -> None:
    """The same page in this language, published, with these words; where there is one already, nothing happens."""
    if page.has_translation(locale):
        return
    copy = page.copy_for_translation(locale)
    for name, value in words.items():
        setattr(copy, name, value)
    copy.draft_title = copy.title
    copy.save_revision().publish()
