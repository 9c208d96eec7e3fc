"""What tests of the failure desk share: somebody at the desk, a story told there, and its way to a page."""

import uuid
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from community.library.models import CaseStudyPage, DeskStory, Receipt
from community.members.models import Member
from home.tree import plant
from tests import factories

TOLD = {
    "outcome": "failure", "title": "The cave at Zennorfold", "trade": "cheese maker", "place": "Zennorfold",
    "tried": "We scrubbed the cave with soda. Only Morwenna next door knew.", "happened": "Cat fur grew on them all.",
    "year": "2023",
}  # fmt: skip
WORDS = {
    "title": "A scrubbed store and grey mould", "summary": "Scrubbing made it worse.", "outcome": "failure",
    "reach": "none", "tried": "The store was scrubbed with soda.", "happened": "Grey mould grew on everything.",
    "why": "The good moulds were scrubbed away, too.\n\nThe <b>grey</b> one came first.", "now": "Wipe. Do not scrub.",
}  # fmt: skip


def desk_member(name: str = "Dora Desk") -> Member:
    """A steward whom the operator has named for the desk."""
    someone: Member = factories.MemberFactory(name=name, is_steward=True)
    someone.groups.add(DeskStory.group())
    return someone


def confide(teller: Member | None = None, **told: Any) -> tuple[DeskStory, str]:
    """A story that lies at the desk, and its code."""
    return DeskStory.receive({**TOLD, **told}, uuid.uuid4().hex, teller)


def publish(story: DeskStory, by: Member, **words: Any) -> CaseStudyPage:
    """Take a story all the way: rewritten, approved, accepted, released."""
    plant()
    receipt = story.receipt
    story.rewrite(by, {**WORDS, **words})
    story.send_for_approval(by)
    story.approve(story.mark)
    story.accept(by)
    Receipt.release_due(timezone.localdate() + timedelta(days=10))
    receipt.refresh_from_db()
    assert receipt.page is not None
    return receipt.page


def typed(client: Client, **fields: Any) -> dict[str, Any]:
    """What a browser sends from the form of a confidential story."""
    form = client.get("/stories/tell/confidential/").context["form"]
    hidden = {name: form.initial[name] for name in ("form_key", "receipt_token")}
    return {**TOLD, **hidden, **({"known": "no"} if "known" in form.fields else {}), **fields}
