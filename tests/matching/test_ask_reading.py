"""Pages and offers become passages when they change, and what a lost task missed is healed."""

import pytest
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page

from community.members.models import Statement, Visibility
from matching import reading, refresh, tasks
from matching.models import Passage
from matching.stores import passages as store
from tests.factories import GatheringFactory, LessonFactory, MemberFactory, StatementFactory, StoryFactory
from tests.matching.planted import WordEncoder

pytestmark = pytest.mark.django_db


def waiting() -> set[int]:
    """The pages that tasks wait for."""
    rows = DBTaskResult.objects.ready().filter(task_path=tasks.read_page.module_path)
    return {row.args_kwargs["args"][0] for row in rows}


def heal(encoder: WordEncoder) -> set[int]:
    """Forget all tasks, heal, and say which pages are to be read."""
    DBTaskResult.objects.all().delete()
    tasks.heal()
    return waiting()


def test_a_page_that_is_published_is_read_by_the_worker(encoder: WordEncoder) -> None:
    story = StoryFactory(title="Rust on the plough")
    assert story.pk in waiting()
    assert not Passage.objects.filter(page=story.pk).exists()  # the page itself reads nothing
    reading.read_page(story.pk, encoder)  # type: ignore[arg-type]
    rows = list(Passage.objects.filter(page=story.pk).order_by("number"))
    assert rows[0].text == "Rust on the plough" and rows[0].vector is not None
    assert rows[0].tokens.split().count("wplough") == 1


def test_only_what_changed_is_read_again(encoder: WordEncoder) -> None:
    story = StoryFactory(title="Rust on the plough")
    reading.read_page(story.pk, encoder)  # type: ignore[arg-type]
    encoder.read.clear()
    assert reading.read_page(story.pk, encoder) == 0 and not encoder.read  # type: ignore[arg-type]
    story.title = "Rust on the harrow"
    story.save_revision().publish()
    assert reading.read_page(story.pk, encoder) == 1 and encoder.read == ["Rust on the harrow"]  # type: ignore[arg-type]


def test_what_a_lost_task_missed_is_healed_and_nothing_else(encoder: WordEncoder) -> None:
    story, gathering = StoryFactory(), GatheringFactory()  # the second is saved without being published
    wanted = set(Page.objects.filter(pk__in=[story.pk, gathering.pk]).values_list("pk", flat=True))
    assert heal(encoder) >= wanted
    for pk in waiting():
        reading.read_page(pk, encoder)  # type: ignore[arg-type]
    assert heal(encoder) == set()
    story.refresh_from_db()
    story.save_revision().publish()  # nothing that is read has changed
    assert heal(encoder) == {story.pk}
    reading.read_page(story.pk, encoder)  # type: ignore[arg-type]
    assert heal(encoder) == set()
    story.unpublish()
    assert heal(encoder) == {story.pk}
    reading.read_page(story.pk, encoder)  # type: ignore[arg-type]
    assert not Passage.objects.filter(page=story.pk).exists() and heal(encoder) == set()


def test_a_deleted_page_takes_its_passages_and_vectors_with_it(encoder: WordEncoder) -> None:
    story, other = StoryFactory(), StoryFactory()
    for one in (story, other):
        reading.read_page(one.pk, encoder)  # type: ignore[arg-type]
    table = store.load(encoder.name)
    assert table is not None and story.pk in table.pages
    pk = story.pk
    Page.objects.get(pk=pk).delete()
    assert pk in waiting() and not Passage.objects.filter(page=pk).exists()
    reading.read_page(pk, encoder)  # type: ignore[arg-type]
    table = store.load(encoder.name)
    assert table is not None and pk not in table.pages and other.pk in table.pages


def test_the_words_of_an_offer_follow_it(encoder: WordEncoder) -> None:
    line: Statement = StatementFactory(profile=MemberFactory().profile, text="weave willow")
    rows = Passage.objects.filter(tokens__contains="owillow")
    refresh.follow(line.profile.pk, encoder)  # type: ignore[arg-type]
    assert rows.count() == 1
    assert rows.get().text == "" and rows.get().data is None  # no copy of what somebody wrote
    Statement.objects.filter(pk=line.pk).update(visibility=Visibility.MATCHING)
    refresh.follow(line.profile.pk, encoder)  # type: ignore[arg-type]
    assert not rows.exists()


def test_long_texts_are_cut_between_sentences_and_short_ones_put_together(encoder: WordEncoder) -> None:
    long = " ".join(f"Sentence number {number} says a little of the mill." for number in range(60))
    endless = "word " * 400
    body = [("setting", f"<p>{long}</p>"), ("now", f"<p>{endless}</p>"), ("now", "<p>x</p>"), ("now", "<p>y</p>")]
    story = StoryFactory(title="Mill", summary="In one short sentence, what came of the mill in the end.", body=body)
    texts = reading.passages_of(story)
    assert texts[:2] == ["Mill", "In one short sentence, what came of the mill in the end."]
    assert all(len(text) <= reading.LONGEST_PASSAGE for text in texts)
    assert all(text.startswith("Sentence") and text.endswith("mill.") for text in texts if "Sentence" in text)
    assert texts[-1].endswith("x; y")
    assert all(len(part) <= reading.LONGEST_SENTENCE for text in texts for part in reading.parts_of(text))
    assert len(reading.passages_of(StoryFactory(body=[("now", f"<p>{long * 40}</p>")]))) == reading.MOST_PASSAGES


def test_a_damaged_file_of_vectors_is_done_without_and_written_anew(encoder: WordEncoder) -> None:
    story = StoryFactory()
    reading.read_page(story.pk, encoder)  # type: ignore[arg-type]
    path = store._path(encoder.name)
    path.write_bytes(b"nothing of this kind")
    assert store.load(encoder.name) is None
    assert store.publish(encoder.name)
    assert store.load(encoder.name) is not None
    assert not store.publish(encoder.name)


def test_the_lines_of_a_list_stay_apart(encoder: WordEncoder) -> None:
    able = "Sharpen a hook without losing its edge\nSay when it is sharp enough\nIs it blunt again?\nBegin anew"
    steps = [
        (
            "step",
            {"title": "Wet", "text": "<p>What you need for it:</p><ul><li>two stones</li><li>some water</li></ul>"},
        )
    ]
    texts = reading.passages_of(LessonFactory(able=able, steps=steps))
    assert "Sharpen a hook without losing its edge; Say when it is sharp enough; Is it blunt again? Begin anew" in texts
    assert "What you need for it: two stones; some water" in texts
    cut = next(
        text for text in reading.passages_of(StoryFactory(body=[("now", f"<p>{'word ' * 100}</p>")])) if "word" in text
    )
    assert ";" not in cut  # a long sentence that was cut goes on where it was cut
