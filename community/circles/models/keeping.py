"""Stories, gatherings and other pages that are kept in a circle: the page names the group, and knows no circle."""

from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, PageViewRestriction

from community.members.models import Member
from community.topics.models import EntryPage, entry_kinds, shown_to


def own_page(member: Any, key: int) -> EntryPage | None:
    """A page of this member's own, published or not, as what it is."""
    row = Page.objects.filter(pk=key).first()
    kind = row.specific_class if row else None
    if kind not in entry_kinds():
        return None
    page: EntryPage | None = kind.objects.editable_by(member).filter(pk=key).first()
    return page


def let_out(by: Member, page: EntryPage) -> None:
    """Everybody may read the page from now on; only what a circle keeps is opened, not what an editor has shut."""
    if own_page(by, page.pk) is None:
        raise ValidationError(_("Only whoever wrote a page can say who reads it."))
    kept_by_circles(page).delete()


def kept_by_circles(page: Page) -> Any:
    """The gates before this page that a circle put there."""
    own = PageViewRestriction.objects.filter(page=page.pk, restriction_type=PageViewRestriction.GROUPS)
    return own.filter(groups__circle__isnull=False).distinct()


class KeepingCircle(models.Model):
    """A circle as the place in which pages are kept."""

    class Meta:
        abstract = True

    @transaction.atomic
    def keep(self, by: Member, page: EntryPage) -> None:
        """Keep a page of one's own in here: from the next request on nobody else reads or finds it."""
        self.require_inside(by)  # type: ignore[attr-defined]
        group: Group = self.group  # type: ignore[attr-defined]
        if own_page(by, page.pk) is None:
            raise ValidationError(_("Only whoever wrote a page can say who reads it."))
        if why := page.why_not_kept(group):
            raise ValidationError(why)
        gates = PageViewRestriction.objects.select_for_update().filter(page=page.pk)
        if gates.exclude(pk__in=kept_by_circles(page).values("pk")).exists():
            raise ValidationError(_("An editor has shut this page. Ask them first."))
        gate = gates.first() or PageViewRestriction.objects.create(
            page=Page.objects.get(pk=page.pk), restriction_type=PageViewRestriction.GROUPS
        )
        gate.groups.set([group])
        self.stir()  # type: ignore[attr-defined]

    def kept_pages(self, viewer: Any) -> "models.QuerySet[Page]":
        """What is kept in here, newest first, as this viewer may see it."""
        kept = Page.objects.filter(view_restrictions__groups=self.group_id)  # type: ignore[attr-defined]
        shown = Page.objects.filter(shown_to(viewer, kept.order_by().values("pk")))
        return shown.order_by("-first_published_at", "-pk")
