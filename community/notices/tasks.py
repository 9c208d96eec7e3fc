"""Mail for notices."""

from django.apps import apps
from django_tasks import task


@task()
def mail_notice(notice_id: int) -> None:
    """Send the mail of one notice, once; a notice that is gone or was mailed already is left alone."""
    apps.get_model("notices", "Notice").mail(notice_id)  # type: ignore[attr-defined]


@task()
def tell_followers(page_id: int, after_id: int) -> None:
    """Tell those who follow a topic or the author of a page that it is out; a few, then the next."""
    apps.get_model("notices", "Follow").tell_of_new(page_id, after_id)  # type: ignore[attr-defined]


@task()
def tell_of_change(page_id: int, actor_id: int | None, after_id: int) -> None:
    """Tell those who follow a page that there is something new on it; a few, then the next."""
    apps.get_model("notices", "Follow").tell_of_change(page_id, actor_id, after_id)  # type: ignore[attr-defined]


@task()
def mail_digest(member_id: int) -> None:
    """Mail what is new on what a member follows, all in one."""
    apps.get_model("notices", "Digest").mail(member_id)  # type: ignore[attr-defined]
