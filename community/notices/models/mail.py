"""What a mail of ours looks like, and how it is given to the mail server."""

import re
import smtplib
import textwrap
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from wagtail.models import Site

from community.notices.models.told import Told

if TYPE_CHECKING:
    from community.members.models import Member

WIDTH = 60  # of a line, as mail programs show it on a narrow screen
SAID_NO = (smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPHeloError)


class NotTaken(Exception):
    """The mail server has certainly not taken the mail."""


class NoAnswer(Exception):
    """The mail server may have taken the mail; we did not hear."""


def post(message: EmailMessage) -> None:
    """Give a mail to the mail server; an answer that did not come is told apart from a no."""
    server: Any = get_connection()
    try:
        server.open()
    except (OSError, smtplib.SMTPException) as error:
        raise NotTaken from error
    try:
        server.send_messages([message])
    except SAID_NO as error:
        raise NotTaken from error
    except (OSError, smtplib.SMTPException) as error:
        raise NoAnswer from error
    finally:
        hang_up(server)


def hang_up(server: Any) -> None:
    """End the talk; whatever the server says to that, it has the mail or has not."""
    try:
        server.close()
    except (OSError, smtplib.SMTPException):
        return


def about_notices(recipient: "Member", notices: list[Any], ending: dict[str, Any]) -> EmailMessage:
    """The mail that tells one or several notices."""
    Told.together(notices)
    for notice in notices:
        notice.is_mail = True
    with translation.override(recipient.spoken):
        if len(notices) == 1:
            subject, text = notices[0].lines
        else:
            context = {"notices": notices, "recipient": recipient}
            subject, text = parts_of(render_to_string("notices/several.txt", context))
        return framed(recipient, subject, text, notices, ending)


def about_digest(recipient: "Member", notices: list[Any], ending: dict[str, Any]) -> EmailMessage:
    """The mail that tells together what is new for one member."""
    with translation.override(recipient.spoken):
        context = {"notices": notices, "site": settings.SITE_URL}
        subject, text = parts_of(render_to_string("notices/digest.txt", context))
        return framed(recipient, subject, text, notices, ending)


def framed(recipient: "Member", subject: str, text: str, notices: list[Any], ending: dict[str, Any]) -> EmailMessage:
    """A mail with greeting, name of the community, and how to get no more of its kind.

    `ending` says how to switch it off: by which link, or why that cannot be.
    """
    people = {notice.member_id: notice.member for notice in notices if notice.member_id != recipient.pk}
    helped = next(iter(people.values())) if len({notice.member_id for notice in notices}) == 1 and people else None
    context = {"recipient": recipient, "helped": helped, "text": text, "community": community()} | ending
    context["all_settings"] = settings.SITE_URL + reverse("notices:preferences")
    body = wrapped(render_to_string("notices/mail.txt", context))
    headers = {"Message-ID": f"<{notices[0].mail_key}@{host()}>", "Auto-Submitted": "auto-generated"}
    if off := ending.get("off"):
        headers |= {"List-Unsubscribe": f"<{off}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return EmailMessage(" ".join(subject.split()), body, to=[str(recipient.email)], headers=headers)


def parts_of(rendered: str) -> tuple[str, str]:
    """Subject and text of a template: its first paragraph, and all others."""
    subject, _blank, text = rendered.strip().partition("\n\n")
    return " ".join(subject.split()), text.strip()


def wrapped(text: str) -> str:
    """The text in short lines; an address stays whole, on a line of its own."""
    lines: list[str] = []
    for line in text.splitlines():
        is_address = "://" in line
        lines += textwrap.wrap(line.strip(), WIDTH, break_long_words=not is_address, break_on_hyphens=False) or [""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def community() -> Any:
    """What the community says of itself: its name and whom to call; by name, since the shell stands above this app."""
    site = Site.objects.filter(is_default_site=True).first()
    return apps.get_model("home", "SiteSettings").for_site(site) if site else None  # type: ignore[attr-defined]


def host() -> str:
    """Where our mails come from, for their numbers."""
    return urlsplit(settings.SITE_URL).hostname or "scionwood"
