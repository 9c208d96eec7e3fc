"""What a story grew out of: a try or an experiment of its own teller, as far as a reader may see it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import HttpRequest
from wagtail.models import Page

from community.library.models.log import LogPage
from community.library.models.trial import Trial

MOST = 5


@dataclass(frozen=True)
class Root:
    """A try or an experiment that has become a story: what it was, and where it stands."""

    is_try: bool
    title: str
    url: str


def has_roots() -> Q:
    """Whether there is any, for the query that fetches a story: most have none, and need not ask again."""
    own = {"grown_into": OuterRef("pk")}
    return Q(Exists(Trial.objects.filter(**own))) | Q(Exists(LogPage.objects.filter(**own)))


def roots_of(story: Any, request: HttpRequest) -> list[Root]:
    """All of them, in one query. What somebody else told is none: a story that is given to another author leads to
    nobody's tries.
    """
    if not story.pk or story.is_grown is False or story.author_id is None or story.is_confidential:
        return []
    tries = Trial.objects.visible_to(request.user).filter(grown_into=story.pk, member=story.author_id).order_by()
    logs = LogPage.objects.visible_to(request.user).filter(grown_into=story.pk, author=story.author_id).order_by()
    pages = Page.objects.filter(Q(pk__in=tries.values("page")) | Q(pk__in=logs.values("pk"))).order_by("pk")
    of_page = tries.filter(page=OuterRef("pk")).order_by("pk")
    return [_root(page, request) for page in pages.annotate(uid=Subquery(of_page.values("uid")[:1]))[:MOST]]


def _root(page: Any, request: HttpRequest) -> Root:
    url = page.get_url(request) or "/"
    return Root(page.uid is not None, page.title, f"{url}tries/{page.uid}/" if page.uid else url)
