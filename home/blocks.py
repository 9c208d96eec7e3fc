"""The parts of a plain page."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from community.topics.models import rendition_of


class PictureBlock(blocks.StructBlock):
    """One picture with what it shows."""

    image = ImageChooserBlock(label=_("Picture"))
    caption = blocks.CharBlock(label=_("Caption"), max_length=300, required=False)
    alt = blocks.CharBlock(
        label=_("The picture in words"), max_length=200, required=False,
        help_text=_("For people who do not see it. Leave it empty where the picture only decorates."),
    )  # fmt: skip

    SPEC = "max-1280x900|format-webp"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """The picture in the size of the page."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        return context | {"picture": rendition_of(value["image"], self.SPEC)}

    class Meta:
        icon = "image"
        template = "blocks/picture.html"


class PlainBlock(blocks.StreamBlock):
    """Headings, words and pictures, as many as are needed."""

    words = blocks.RichTextBlock(
        label=_("Words"), icon="pilcrow", features=["h2", "h3", "bold", "italic", "ol", "ul", "link", "hr"],
        preview_value="<h2>How do I join?</h2><p>Give your name and an e-mail address. The rest can wait.</p>",
        preview_template="blocks/preview.html",
        help_text=_("Short paragraphs. A heading for each question that somebody might come with."),
    )  # fmt: skip
    picture = PictureBlock(label=_("Picture"), help_text=_("A picture that belongs to the words around it."))
