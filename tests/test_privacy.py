"""Every table that has a person in it must be declared by an app, or a reason must stand here."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import connection, models
from django.test.utils import isolate_apps

from community.members.models import Member
from community.trust.registry import held_models, project_apps

# Tables of ours without a person in them.
NOBODY = {
    "home.SiteSettings": "what the community says of itself; the contact is put there by an editor, for all to see",
    "members.Erasure": "a keyed hash and a number, kept so that nobody comes back by import or restore",
    "members.Rules": "the community's rules",
    "members.Skill": "a vocabulary",
    "matching.FoundCircle": "words that at least three people say in what they show; who, stands in FoundMember",
    "matching.Gap": "words that at least five people use, and two numbers",
    "matching.Unanswered": "questions without the people who asked; kept once five people asked the same",
    "home.HomePage": "the front page; who made it stands in wagtail's Page",
    "home.StandardPage": "a plain page; who made it stands in wagtail's Page",
    "library.Review": "a step of a workflow; whoever may decide follows from rights, no person stands in it",
    "library.StoryIndexPage": "a list",
    "library.LessonIndexPage": "a list",
    "library.LogIndexPage": "a list",
    "library.PlaybookIndexPage": "a list",
    "library.CollectionIndexPage": "a list",
    "library.CollectionItem": "the place of a page in a collection; goes with either",
    "library.SeriesPart": "the place of a lesson in a series; goes with either",
    "gatherings.GatheringIndexPage": "a list",
    "gatherings.Seats": "two numbers",
    "gatherings.Session": "one date of a gathering; goes with it",
    "gatherings.Recurrence": "the rule by which a gathering comes again",
    "openings.OpeningIndexPage": "a list",
    "connections.ConnectionSettings": "numbers, set by an operator",
    "openings.OpeningSettings": "three numbers, set by an operator",
    "openings.OpeningLine": "what is learned in an opening; goes with the opening",
    "topics.Topic": "a vocabulary",
    "topics.Season": "a vocabulary",
}
# Tables that point to a person or to any row, in parts that we did not write.
ELSEWHERE = {
    "wagtailsearch.IndexEntry": "goes with the row that it indexes, by a signal of the search",
    "wagtailcore.ReferenceIndex": "links between rows, no text; rewritten when either row changes",
    "wagtail_localize.TranslatableObject": "that a page has a translation; its key leads to pages and not to people",
    "taggit.TaggedItem": "a tag on a picture; goes with the picture",
    "wagtailcore.Task": "a step of a workflow; lists kinds of tables",
    "wagtailcore.GroupApprovalTask": "a step of a workflow; names groups, not people",
    "auth.Permission": "lists the tables that there are",
    "wagtailcore.WorkflowContentType": "lists the tables that there are",
}


def ours() -> set[str]:
    """The labels of our own apps."""
    return {config.label for config in apps.get_app_configs() if config.name in project_apps()}


def people_tables(tables: list[type[models.Model]]) -> Iterator[type[models.Model]]:
    """Tables that need a declaration: all of ours, and others that can point to a person or to any row."""
    for table in tables:
        meta = table._meta
        if meta.proxy or not meta.managed:
            continue
        fields = list(meta.get_fields())
        if (
            meta.app_label in ours()
            or any(not f.auto_created and f.is_relation and f.related_model is Member for f in fields)
            or any(isinstance(f, GenericForeignKey) or f.name in {"object_id", "content_type"} for f in fields)
        ):
            yield table


def undeclared(tables: list[type[models.Model]]) -> list[str]:
    """The labels of tables that nobody declared."""
    held = held_models()
    return sorted(
        table._meta.label
        for table in people_tables(tables)
        if table not in held and table._meta.label not in NOBODY | ELSEWHERE and not is_link_of(table, held)
    )


def is_link_of(table: type[models.Model], held: set[type[models.Model]]) -> bool:
    """The hidden table of a many-to-many field belongs to the table on which the field stands."""
    ends = {f.related_model for f in table._meta.fields if f.is_relation}
    return bool(table._meta.auto_created) and bool(ends & held)


@pytest.mark.django_db
def test_it_finds_no_table_with_a_person_in_it_that_nobody_declared() -> None:
    assert undeclared(apps.get_models(include_auto_created=True)) == []


@pytest.mark.django_db
def test_it_notices_a_planted_table() -> None:
    with isolate_apps("community.connections", "django.contrib.auth"):

        class Planted(models.Model):
            who = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")

            class Meta:
                app_label = "connections"

        class PlantedElsewhere(models.Model):
            who = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="+")

            class Meta:
                app_label = "auth"

        assert undeclared([Planted, PlantedElsewhere]) == ["auth.PlantedElsewhere", "connections.Planted"]


@pytest.mark.django_db
def test_it_keeps_no_reason_for_a_table_that_is_gone_or_declared() -> None:
    known = {table._meta.label for table in apps.get_models(include_auto_created=True)}
    assert set(NOBODY | ELSEWHERE) <= known
    assert not {table._meta.label for table in held_models()} & set(NOBODY | ELSEWHERE)


@pytest.mark.django_db
def test_it_finds_every_table_that_the_database_itself_ties_to_a_person() -> None:
    held = held_models()
    tables = {table._meta.db_table: table for table in apps.get_models(include_auto_created=True)}
    tied = set()
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            ends = connection.introspection.get_relations(cursor, name).values()
            if any(table == Member._meta.db_table for _column, table in ends):
                tied.add(name)
    assert tied
    assert [name for name in sorted(tied) if tables[name] not in held and not is_link_of(tables[name], held)] == []
