"""Mail to somebody who has no account here."""

from typing import Any

from django.apps import apps
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django_tasks import task


@task()
def mail_guardian(application_id: int) -> None:
    """Ask a guardian, once for each time that the applicant asks; whoever has answered is left alone."""
    rows: Any = apps.get_model("openings", "Application").objects.select_related("member", "opening")
    one = rows.filter(pk=application_id).first()
    if one is None or not one.waits_for_guardian or not one.guardian_email:
        return
    whole = render_to_string("openings/mail/guardian.txt", {"application": one, "link": one.guardian_url})
    subject, _blank, text = whole.strip().partition("\n\n")
    headers = {"Message-ID": f"<guardian-{one.pk}-{int(one.guardian_asked_at.timestamp())}@scionwood>"}
    EmailMessage(" ".join(subject.split()), text.strip(), to=[one.guardian_email], headers=headers).send()
