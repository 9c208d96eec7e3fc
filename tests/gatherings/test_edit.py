"""Editing a gathering in the admin: times as the clocks at the place show them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page

from community.gatherings.models import GatheringIndexPage, GatheringPage
from community.members.models import Member
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory, index_page

pytestmark = pytest.mark.django_db
DATES = "sessions"


@pytest.fixture
def operator() -> Member:
    """Somebody who may do everything in the admin."""
    return MemberFactory(is_superuser=True, is_staff=True)


def form_of(client: Client, url: str) -> dict[str, Any]:
    """What the admin's form holds, as a browser would send it."""
    form = client.get(url).context["form"]
    rows = {f"{DATES}-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
    values = {name: form[name].value() for name in form.fields}
    sent = {name: "" if value is None or value is False else value for name, value in values.items()}
    return rows | sent | {"topics": [], "text": "null"}


def test_it_shows_and_reads_the_clock_of_the_place(operator: Member) -> None:
    at = datetime(2031, 7, 1, 12, tzinfo=UTC)
    gathering = GatheringFactory(starts_at=at, zone="America/New_York")
    client = signed_in(operator)
    url = f"/cms/pages/{gathering.pk}/edit/"
    sent = form_of(client, url)
    assert str(sent["starts_at"]) == "2031-07-01 08:00:00"
    page = client.post(url, sent | {"starts_at": "2031-07-01 09:00", "action-publish": "1"})
    assert page.status_code == 302, page.context["form"].errors
    gathering.refresh_from_db()
    assert gathering.starts_at == datetime(2031, 7, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["2031-03-09 02:30", "2031-11-02 01:30"])
def test_it_refuses_a_time_that_the_clocks_skip_or_show_twice(operator: Member, typed: str) -> None:
    gathering = GatheringFactory(zone="America/New_York")
    client = signed_in(operator)
    url = f"/cms/pages/{gathering.pk}/edit/"
    page = client.post(url, form_of(client, url) | {"starts_at": typed, "action-publish": "1"})
    assert page.status_code == 200 and "starts_at" in page.context["form"].errors


def test_it_shows_the_forms_and_a_preview(operator: Member) -> None:
    client, parent = signed_in(operator), index_page(GatheringIndexPage, "gatherings")
    assert client.get(f"/cms/pages/add/gatherings/gatheringpage/{parent.pk}/").status_code == 200
    assert client.get(f"/cms/pages/{parent.pk}/edit/").status_code == 200
    gathering = GatheringFactory()
    for page in (gathering, GatheringPage.objects.first()):
        assert client.get(f"/cms/pages/{page.pk}/edit/").status_code == 200
        assert Page.objects.get(pk=page.pk).specific.make_preview_request().status_code == 200
