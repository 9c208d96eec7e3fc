"""The same page in several languages: which of them somebody is shown, and what holds them together."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.utils.translation import gettext as _
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_unpublished
from wagtail_localize.models import (
    OverridableSegment,
    RelatedObjectSegment,
    SegmentOverride,
    String,
    StringSegment,
    StringTranslation,
    Template,
    TemplateSegment,
    TranslatableObject,
    TranslationSource,
)


def is_translated() -> Exists:
    """Whether a page stands in another language, too; asked inside the query that fetches the page."""
    others = Page.objects.filter(translation_key=OuterRef("translation_key"), live=True)
    return Exists(others.exclude(pk=OuterRef("pk")))


def once(pages: Any, visible: Any, code: str) -> Any:
    """Each of these pages once: as it stands in this language, else as it was told first.

    `visible` are all that the reader may see, so that nobody loses a page to another one that is shut to them.
    """
    if len(settings.LANGUAGES) < 2:
        return pages
    same = visible.filter(translation_key=OuterRef("translation_key")).exclude(pk=OuterRef("pk")).order_by()
    better = same.filter(Q(locale__language_code=code) | Q(pk__lt=OuterRef("pk")))
    return pages.exclude(~Q(locale__language_code=code) & Q(Exists(better)))


def require_translatable(page: Any) -> None:
    """Refuse to make a second page of what has to stay one; what was told in confidence is among it."""
    if not page.may_be_translated():
        raise PermissionDenied(_("This page stays in the language in which it was written."))


def keep_beside_original(page: Any) -> None:
    """A translation carries its original's teller, so that blocks keep it away, too; each page has a word of its own.

    Addresses such as /stories/WORD/tried/ find a page by its word, whatever its language is.
    """
    if len(settings.LANGUAGES) < 2 or not page.locale_id:
        return
    others, code = type(page)._default_manager.exclude(pk=page.pk), page.locale.language_code
    if code != settings.LANGUAGE_CODE:
        first = others.filter(translation_key=page.translation_key, locale__language_code=settings.LANGUAGE_CODE)
        if original := first.first():
            page.author_id = original.author_id
    stem, number = page.slug, 1 if code != settings.LANGUAGE_CODE else 2
    end = "" if code == settings.LANGUAGE_CODE else f"-{code}"
    while others.filter(slug=page.slug).exists():
        page.slug = f"{stem}{end}" + (f"-{number}" if number > 1 or not end else "")
        number += 1


def name_teller_alike(page: Any) -> None:
    """Whoever is put on a page, or taken off it, stands over its translations, or no longer does, at once."""
    if len(settings.LANGUAGES) > 1 and page.IS_TRANSLATED and page.language == settings.LANGUAGE_CODE:
        others = type(page)._default_manager.filter(translation_key=page.translation_key).exclude(pk=page.pk)
        others.update(author=page.author_id)


# --- Gates --------------------------------------------------------------------------------------------------------


def shut_alike(page: Page, other: Page) -> None:
    """Put the same gates before a translation as stand before its original."""
    PageViewRestriction.objects.filter(page=other).delete()
    for gate in PageViewRestriction.objects.filter(page=page):
        same = PageViewRestriction.objects.create(
            page_id=other.pk, restriction_type=gate.restriction_type, password=gate.password
        )
        same.groups.set(gate.groups.all())


def shut_translations(instance: Any, **_kwargs: Any) -> None:
    """A gate was put up, changed or taken away: the same happens before the translations, at once."""
    key = getattr(instance, "page_id", None)  # none where a group was given a gate, which no screen does
    page = Page.objects.filter(pk=key, locale__language_code=settings.LANGUAGE_CODE).first()
    for other in page.get_translations() if page else ():
        shut_alike(page, other)


# --- What the editors' tool keeps ---------------------------------------------------------------------------------


def keep_no_person(instance: TranslationSource, **_kwargs: Any) -> None:
    """Before the tool keeps a page for translation: only what may be translated, and without the people in it."""
    model = instance.specific_content_type.model_class()
    content = json.loads(instance.content_json)
    if model and hasattr(model, "may_be_translated"):
        page = model._default_manager.filter(translation_key=instance.object_id, locale=instance.locale_id).first()
        require_translatable(page or model(is_confidential=content.get("is_confidential", False)))
    for name in ("author", "owner", "locked_by"):
        if name in content:
            content[name] = None
    instance.content_json = json.dumps(content)


def go_with_original(instance: Any, **_kwargs: Any) -> None:
    """A page that is deleted takes its translations along, with every word that the tool keeps of it."""
    if not hasattr(instance, "may_be_translated") or instance.locale.language_code != settings.LANGUAGE_CODE:
        return
    for other in type(instance)._default_manager.filter(translation_key=instance.translation_key):
        other.delete()
    forget_words(instance.translation_key)


def rest_with_original(sender: Any, instance: Any, **_kwargs: Any) -> None:
    """A page that is taken down takes its translations down."""
    if hasattr(instance, "may_be_translated") and instance.locale.language_code == settings.LANGUAGE_CODE:
        for other in sender._default_manager.filter(translation_key=instance.translation_key, live=True):
            if other.pk != instance.pk:
                other.unpublish()


def forget_words(translation_key: Any) -> None:
    """Take every earlier wording of a page out of the tool's memory; its translation stays as an ordinary page."""
    for model in (OverridableSegment, RelatedObjectSegment, StringSegment, TemplateSegment):
        model.objects.filter(context__object_id=translation_key).delete()
    for model in (SegmentOverride, StringTranslation):
        model.objects.filter(context__object_id=translation_key).delete()
    TranslatableObject.objects.filter(translation_key=translation_key).delete()
    String.objects.filter(segments=None).delete()
    Template.objects.filter(segments=None).delete()


pre_save.connect(keep_no_person, sender=TranslationSource, dispatch_uid="keep_no_person")
post_delete.connect(go_with_original, dispatch_uid="go_with_original")
post_save.connect(shut_translations, sender=PageViewRestriction, dispatch_uid="shut_translations")
post_delete.connect(shut_translations, sender=PageViewRestriction, dispatch_uid="open_translations")
m2m_changed.connect(
    shut_translations, sender=PageViewRestriction.groups.through, dispatch_uid="shut_translations_to_groups"
)
page_unpublished.connect(rest_with_original, dispatch_uid="rest_with_original")
