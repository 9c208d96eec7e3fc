"""What the matching holds on a person: vectors of their texts, and suggestions to and of them."""

from typing import Any

from django.db.models import Model

from community.members.models import Member
from matching.models import Reason, Suggestion, Vector

HOLDS: dict[type[Model], str | tuple[str, ...]] = {
    Vector: "profile__member",
    Suggestion: ("member", "other"),
    Reason: ("suggestion__member", "need__profile__member", "offer__profile__member"),
}


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's suggestions with reasons; vectors are named with the text they stand for, not their numbers."""
    suggestions = Suggestion.objects.visible_to(member).with_reasons(member)
    vectors = Vector.objects.filter(profile__member=member)
    return {
        "suggestions": [
            {
                "kind": row.kind,
                "to": row.other.name,
                "how_likely": row.band,
                "made_at": row.made_at.isoformat(),
                "dismissed_at": row.dismissed_at and row.dismissed_at.isoformat(),
                "reasons": [{"need": reason.need.text, "offer": reason.offer.text} for reason in row.reasons.all()],
            }
            for row in suggestions
        ],
        "texts_read_by_the_model": [dict(row) for row in vectors.values("key", "model", "text_hash")],
    }


def erase(member: Member) -> None:
    """Forget vectors and every suggestion to or of this person."""
    Vector.objects.filter(profile__member=member).delete()
    Suggestion.objects.filter(member=member).delete()
    Suggestion.objects.filter(other=member).delete()
