"""What the tests of telling share: a whole story, step by step, through the forms."""

import uuid
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Pillow

from community.library.models import CaseStudyPage
from community.members.models import Member
from home.tree import plant
from tests.factories import SeasonFactory, TopicFactory

START = {"title": "Liming wet clay", "outcome": "failure", "year": "2024"}
WHOLE: dict[str, dict[str, Any]] = {
    "start": START,
    "setting": {"setting": "Two acres of wet clay.\r\n\r\nOne tractor <1974>.", "soil": "clay"},
    "tried": {"tried": "We limed half of it."},
    "happened": {"happened": "It stayed wet.", "turning_point": "The ditch burst.", "why": "The drain, we think."},
    "figures": {
        "budget": "little", "cost_0_item": "Lime", "cost_0_amount": "£174",
        "figures_0_measure": "Lambs lost", "figures_0_before": "11 of 96",
    },
    "now": {"now": "Dig the ditch first.", "summary": "We limed half a wet field, and it stayed wet."},
    "about": {"topics": ["soil"], "season": "winter", "place": "Stonebeck", "licence": "by", "credit": "My aunt"},
}  # fmt: skip


def key() -> str:
    """A form's key, as a page gives it out."""
    return str(uuid.uuid4())


def begin_story(author: Member, title: str = START["title"]) -> CaseStudyPage:
    """A story of which the first step is told."""
    plant()
    story: CaseStudyPage = CaseStudyPage.begin(author, {"title": title, "outcome": "failure"})
    return story


def working(story: CaseStudyPage) -> Any:
    """The newest wording, as it stands in the database by now."""
    return CaseStudyPage.objects.get(pk=story.pk).working


def go_on(client: Client, story: Any, step: str, fields: dict[str, Any]) -> Any:
    """Open a step and send it, as a browser does."""
    path = f"/stories/tell/{story.pk}/{step}/"
    form = client.get(path).context["form"]
    hidden = {"form_key": form["form_key"].value(), "version": form["version"].value()}
    return client.post(path, hidden | fields)


def tell_whole(client: Client, story: Any) -> None:
    """All steps of a whole story."""
    SeasonFactory(), TopicFactory(slug="soil")
    for step, fields in WHOLE.items():
        answer = go_on(client, story, step, fields)
        assert answer.status_code == 302, answer.content.decode()


def photo() -> SimpleUploadedFile:
    """A picture that says where and by whom it was taken."""
    file, exif = BytesIO(), Pillow.Exif()
    exif[0x010F], exif[0x013B] = "Maker", "Somebody"
    Pillow.new("RGB", (64, 48), "green").save(file, "JPEG", exif=exif)
    return SimpleUploadedFile("behind-our-gate.jpg", file.getvalue(), "image/jpeg")
