"""Matching in the background: tasks take ids, never text."""

from django_tasks import task

from community.trust.registry.healing import unfinished
from matching import answers, circles, outcomes, placing, reading, refresh, rounds
from matching.models import Gap
from matching.stores import exact, passages


@task()
def follow_profile(profile_id: int) -> None:
    """Somebody changed what they show, seek or allow: bring vectors and suggestions up to date."""
    refresh.follow(profile_id)


@task()
def read_openings() -> None:
    """An opening was published or closed: bring vectors up to date, and who might suit which opening."""
    placing.place()


@task()
def read_page(page_id: int) -> None:
    """A page was published, withdrawn or deleted: bring what Ask can find of it up to date."""
    reading.read_page(page_id)


@task()
def share_out() -> None:
    """Once a day: everybody's suggestions anew and together, so that attention is shared out fairly."""
    refresh.refresh()
    placing.place()
    Gap.count()


@task()
def learn() -> None:
    """Once a month, whenever the clock asks: what became of suggestions may correct the weights."""
    outcomes.learn_if_due()


@task()
def pass_questions_on() -> None:
    """Once a day: ask a few who may know about every question that nobody has answered."""
    answers.pass_on()


@task()
def find_circles() -> None:
    """A steward asked who might meet as a circle."""
    circles.find()


@task()
def preview_round(round_id: int) -> None:
    """A steward asked for the pairs of a round; one that was published meanwhile stays as it is."""
    rounds.preview_if_open(round_id)


def heal() -> int:
    """Queue what a lost task missed and forget what is gone, without loading the model; returns how much it was."""
    profiles, has_openings, gone = refresh.stale()
    waiting = {row["args"][0] for row in unfinished(follow_profile.module_path).values_list("args_kwargs", flat=True)}
    for profile_id in sorted(profiles - waiting):
        follow_profile.enqueue(profile_id)
    if has_openings and not unfinished(read_openings.module_path).exists():
        read_openings.enqueue()
    dropped = exact.drop(gone)
    exact.sweep()
    return len(profiles - waiting) + int(has_openings) + dropped + _heal_pages()


def _heal_pages() -> int:
    """The same of pages; only a file that lies about the rows is written here."""
    by = refresh.encoder()
    pages = reading.unread(by)
    waiting = {row["args"][0] for row in unfinished(read_page.module_path).values_list("args_kwargs", flat=True)}
    for page_id in sorted(pages - waiting):
        read_page.enqueue(page_id)
    return len(pages - waiting) + int(passages.publish(by.name))
