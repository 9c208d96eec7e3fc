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
