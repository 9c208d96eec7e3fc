"""Mail for notices."""

from django.apps import apps
from django.core.mail import EmailMessage
from django.utils import timezone, translation
from django_tasks import task


@task()
def mail_notice(notice_id: int) -> None:
    """Send the mail of one notice, once; a notice that is gone or was mailed already is left alone."""
    notices = apps.get_model("notices", "Notice").objects.select_related("member__helper", "actor")
    notice = notices.unblocked().filter(pk=notice_id, mailed_at=None).first()
    recipient = notice.recipient if notice else None
    if not notice or not recipient or not recipient.email or not recipient.is_active:
        return
    notice.is_mail = True
    with translation.override(recipient.spoken):
        subject, text = notice.lines
    headers = {"Message-ID": f"<notice-{notice.pk}@scionwood>"}
    EmailMessage(subject, text, to=[recipient.email], headers=headers).send()
    notices.filter(pk=notice.pk).update(mailed_at=timezone.now())


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
