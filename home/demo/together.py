"""What became of demo people who have met: an agreement, meetings, and last words."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from community.connections.models import Agreement, Closing, Connection, LearningPlan, Meeting, Message, Note


def live(connection: Connection, texts: dict[str, Any]) -> None:
    """Let two people who said yes go on, as far as their texts say; days are counted from today."""
    asker, asked, today = connection.asker, connection.asked, timezone.localdate()
    assert asker and asked
    if terms := dict(texts.get("agreement", {})):
        until = today + timedelta(days=terms.pop("days"))
        Agreement.write(connection, asked, until=until, **terms).sign(asker)
    for one in texts.get("meetings", []):
        Meeting.note(connection, asker, today - timedelta(days=one["days_ago"]), one["minutes"], one["next_step"])
    talk(connection, texts)
    if signed := texts.get("signed"):
        for line in LearningPlan.of(connection, signed).skills.all():
            line.sign_off(asked)
    for words in texts.get("last_words", []):
        said = dict(words)
        who, other = (asker, asked) if said.pop("by") == "asker" else (asked, asker)
        is_shown = said.pop("is_shown", False)
        closing = Closing.close(connection, who, is_offered=is_shown, **said)
        if is_shown:
            closing.show(other, is_shown=True)


def talk(connection: Connection, texts: dict[str, Any]) -> None:
    """What the two wrote to each other, each at its hour, and what one of them noted for nobody else."""
    sides: dict[str, Any] = {"asker": connection.asker, "asked": connection.asked}
    for one in texts.get("messages", []):
        sent = Message.write(connection, sides[one["by"]], one["text"])
        at = timezone.now() - timedelta(days=one["days_ago"], hours=one.get("hours", 0))
        Message.objects.filter(pk=sent.pk).update(created_at=at, read_at=None if one.get("is_new") else at)
    for one in texts.get("notes", []):
        Note.keep(connection, sides[one["by"]], one["text"], connection.meetings.first())
