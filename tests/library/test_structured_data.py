"""What search engines read of the library's pages: valid, and never more than a visitor sees."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from community.members.models import Member
from tests.factories import (
    LessonFactory,
    LogFactory,
    MemberFactory,
    PlaybookFactory,
    SeriesFactory,
    StoryFactory,
    TrialFactory,
)

pytestmark = pytest.mark.django_db
TYPES = {
    StoryFactory: {"Article"}, PlaybookFactory: {"Article"}, LogFactory: {"CreativeWork"},
    LessonFactory: {"HowTo", "LearningResource"}, SeriesFactory: {"Course", "LearningResource"},
}  # fmt: skip
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def data_of(page: Any) -> dict[str, Any]:
    html = Client().get(page.url).content.decode()
    found = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert len(found) == 1
    return dict(json.loads(found[0]))


def require_shape(value: Any, *, is_top: bool = True) -> None:
    """What schema.org asks of every thing: a type, no empty value, no bare list of nothing."""
    assert isinstance(value.get("@type"), str | list) and value["@type"]
    assert ("@context" in value) == is_top
    for name, inner in value.items():
        assert inner not in (None, "", [], {}), name
        for one in inner if isinstance(inner, list) else [inner]:
            assert isinstance(one, str | int | dict), name
            if isinstance(one, dict):
                require_shape(one, is_top=False)
        if name.startswith("date"):
            assert DAY.match(inner), name


@pytest.mark.parametrize("make", TYPES)
def test_each_kind_says_what_it_is(make: Any) -> None:
    page = make(author=MemberFactory(name="Alma </script><b>"), title="Wet “barley” </script>")
    data = data_of(page)
    require_shape(data)
    types = data["@type"] if isinstance(data["@type"], list) else [data["@type"]]
    assert set(types) <= TYPES[make] and data["@context"] == "https://schema.org"
    assert data["url"] == page.full_url and data["description"] == page.summary
    assert (data.get("headline") or data.get("name")) == page.title
    assert data["author"] == {"@type": "Person", "name": "Alma </script><b>"}


def test_a_lesson_lists_its_steps_in_order_with_time_and_tools() -> None:
    data = data_of(LessonFactory())
    assert [step["position"] for step in data["step"]] == [1, 2] and data["totalTime"] == "P0DT00H30M00S"
    assert data["step"][0]["text"] == "Until no bubble comes." and data["tool"][0]["name"] == "Two stones"
    assert data["teaches"] == ["Sharpen a hook", "Say when it is sharp"]


@pytest.mark.parametrize("make", [StoryFactory, LessonFactory, PlaybookFactory])
def test_where_and_by_whom_it_was_tried_is_told_to_no_machine(make: Any) -> None:
    page = make()
    before = data_of(page)
    TrialFactory(page=page, member=MemberFactory(name="Tilda Tiny"), place="Zennorfold", year=2021)
    assert data_of(page) == before
    assert "Zennorfold" not in json.dumps(before) and "Tilda" not in json.dumps(before)


def test_nobody_under_18_and_nobody_of_the_desk_is_named(minor: Member) -> None:
    assert "author" not in data_of(StoryFactory(author=minor))
    page = StoryFactory(author=None)
    type(page).objects.filter(pk=page.pk).update(is_confidential=True)
    assert "author" not in data_of(page)
