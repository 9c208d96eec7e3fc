"""Matching in the background: tasks take ids, never text."""

from django_tasks import task

from matching import refresh


@task()
def follow_profile(profile_id: int) -> None:
    """Somebody changed what they show, seek or allow: bring vectors and suggestions up to date."""
    refresh.follow(profile_id)
