"""The parts of a story, each with a help text and an example, so that nobody faces a white page."""

import re
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.rich_text import get_text_for_indexing

from community.library.blocks.video import Video
from community.topics.models import rendition_of, with_renditions

FEATURES = ["bold", "italic", "ol", "ul", "link"]
PREVIEW = "blocks/preview.html"


class WordsBlock(blocks.RichTextBlock):
    """Plain paragraphs and lists; search reads each line of a list by itself, and not all of them as one sentence."""

    def get_searchable_content(self, value: Any) -> list[str]:
        """The words, with an end of line where a paragraph or a line of a list ends."""
        marked = re.sub(r"(</(?:p|li|h\d)>|<br\s*/?>)", "\\1\n", str(value.source), flags=re.IGNORECASE)
        lines = map(str.strip, get_text_for_indexing(marked).splitlines())
        return ["\n".join(line for line in lines if line)]


class ChapterBlock(WordsBlock):
    """One part of a story, in plain paragraphs."""

    def __init__(self, example: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("features", FEATURES)
        super().__init__(preview_value=f"<p>{example}</p>", **kwargs)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """The part's own word and title, which the page shows above it."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        return context | {"kind": self.name, "title": self.label}

    class Meta:
        icon = "pilcrow"
        template = "blocks/chapter.html"
        preview_template = PREVIEW


class CostRowBlock(blocks.StructBlock):
    """One line of what it cost."""

    item = blocks.CharBlock(label=_("For what"), max_length=120)
    amount = blocks.CharBlock(label=_("How much"), max_length=60, help_text=_("Money, hours or both, with the unit."))

    class Meta:
        icon = "list-ul"


class CostBlock(blocks.StructBlock):
    """What it cost, in money and hours."""

    rows = blocks.ListBlock(CostRowBlock(), label=_("Lines"), min_num=1, max_num=30)
    text = WordsBlock(label=_("More about it"), required=False, features=FEATURES)

    class Meta:
        icon = "list-ul"
        template = "blocks/cost.html"
        preview_template = PREVIEW
        preview_value: ClassVar[dict[str, Any]] = {
            "rows": [{"item": "Lime, 12 bags", "amount": "£174"}, {"item": "Our time, 31 hours", "amount": "not paid"}],
            "text": "<p>The scaffold was lent.</p>",
        }  # fmt: skip


class FigureBlock(blocks.StructBlock):
    """One thing that was counted or measured, before and after."""

    measure = blocks.CharBlock(label=_("What was counted"), max_length=160)
    before = blocks.CharBlock(label=_("Before"), max_length=80, required=False)
    after = blocks.CharBlock(label=_("After"), max_length=80, required=False)
    method = blocks.CharBlock(
        label=_("How it was counted"), max_length=200, required=False,
        help_text=_("By whom, with what, how often. It tells readers how far to trust it."),
    )  # fmt: skip

    class Meta:
        icon = "table"


class EvidenceBlock(blocks.StructBlock):
    """Figures that let somebody else judge whether it worked."""

    figures = blocks.ListBlock(FigureBlock(), label=_("Figures"), min_num=1, max_num=20)
    text = WordsBlock(label=_("More about it"), required=False, features=FEATURES)

    class Meta:
        icon = "table"
        template = "blocks/evidence.html"
        preview_template = PREVIEW
        preview_value: ClassVar[dict[str, Any]] = {
            "figures": [
                {"measure": "Lambs lost before weaning", "before": "11 of 96", "after": "4 of 98",
                 "method": "counted at marking"},
            ],
            "text": "",
        }  # fmt: skip


class StepBlock(blocks.StructBlock):
    """One picture with what it shows."""

    image = ImageChooserBlock(label=_("Picture"), required=False)
    caption = blocks.CharBlock(label=_("What happens here"), max_length=300)
    alt = blocks.CharBlock(
        label=_("The picture in words"), max_length=200, required=False,
        help_text=_("For people who do not see it. Say what matters in it, not “picture of”."),
    )  # fmt: skip

    class Meta:
        icon = "image"


class PicturesBlock(blocks.ListBlock):
    """Pictures in the order of the work, each with a caption."""

    SPEC = "max-960x960|format-webp"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(StepBlock(), **kwargs)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Steps with their pictures, found in one query for all."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        images = [step["image"] for step in value if step["image"]]
        prefetch_related_objects(images, with_renditions("renditions", self.SPEC))
        steps = [{"caption": step["caption"], "picture": self._picture(step)} for step in value]
        return context | {"steps": steps, "title": self.label}

    def _picture(self, step: Any) -> dict[str, Any] | None:
        rendition = rendition_of(step["image"], self.SPEC)
        if rendition is None:
            return None
        return {"url": rendition.url, "width": rendition.width, "height": rendition.height, "alt": step["alt"]}

    class Meta:
        icon = "image"
        template = "blocks/pictures.html"
        preview_template = PREVIEW
        preview_value: ClassVar[list[dict[str, Any]]] = [
            {"image": None, "caption": "Strip the wall down to sound stone.", "alt": ""},
            {"image": None, "caption": "Lay the long stones into the wall.", "alt": ""},
        ]


class VideoBlock(blocks.StructBlock):
    """A video that lies elsewhere. The page says so, and shows it only once a reader has asked for it."""

    url = blocks.URLBlock(
        label=_("Address of the video"), max_length=300,
        help_text=_("At YouTube, Vimeo or one of our own hosts. Copy it from the address line of your browser."),
    )  # fmt: skip
    title = blocks.CharBlock(
        label=_("What it shows"), max_length=160, help_text=_("“Laying a hedge: the first cut, four minutes”.")
    )
    words = blocks.TextBlock(
        label=_("The video in words"), max_length=3000, required=False,
        help_text=_("For people who do not see or hear it: what is done, and what is said."),
    )  # fmt: skip

    def clean(self, value: Any) -> Any:
        """Only hosts of which we know how they show a video."""
        cleaned = super().clean(value)
        if Video.of(cleaned["url"]) is None:
            hosts = ", ".join(["YouTube", "Vimeo", *sorted(settings.PEERTUBE_HOSTS)])
            said = _("This is no video that can be shown here. Known hosts: %(hosts)s.") % {"hosts": hosts}
            raise blocks.StructBlockValidationError(block_errors={"url": ValidationError(said)})
        return cleaned

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """The video, or nothing where its host is not on the list any more; and whether this reader asked for it."""
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        video = Video.of(value["url"])
        return context | {"video": video, "is_played": video is not None and video == context.get("played")}

    class Meta:
        icon = "media"
        template = "blocks/video.html"
        preview_template = PREVIEW
        preview_value: ClassVar[dict[str, Any]] = {
            "url": "https://vimeo.com/1", "title": "Laying a hedge: the first cut", "words": ""
        }  # fmt: skip


class LessonStepBlock(blocks.StructBlock):
    """One step of a lesson: what one does, how it looks, how long it takes, and what can go wrong."""

    title = blocks.CharBlock(label=_("What one does"), max_length=120, help_text=_("In a few words: “Soak the rods”."))
    text = WordsBlock(
        label=_("How"), features=FEATURES, help_text=_("And how one sees that it is right before going on.")
    )
    minutes = blocks.IntegerBlock(label=_("Minutes of work"), required=False, min_value=1, max_value=100_000)
    warning = blocks.CharBlock(
        label=_("Take care"), max_length=300, required=False,
        help_text=_("What hurts somebody or spoils the work here. It is printed in bold."),
    )  # fmt: skip
    image = ImageChooserBlock(label=_("Picture"), required=False)
    alt = blocks.CharBlock(
        label=_("The picture in words"), max_length=200, required=False,
        help_text=_("For people who do not see it. Say what matters in it, not “picture of”."),
    )  # fmt: skip

    class Meta:
        icon = "list-ol"
        template = "blocks/lesson_step.html"
        preview_template = PREVIEW
        preview_value: ClassVar[dict[str, Any]] = {
            "title": "Soak the rods",
            "text": "<p>Overnight in the trough, under a plank. They are ready when one bends round your wrist.</p>",
            "minutes": 10, "warning": "", "image": None, "alt": "",
        }  # fmt: skip


class LessonBlock(blocks.StreamBlock):
    """A whole lesson: its steps, in the order of the work."""

    step = LessonStepBlock(label=_("Step"), help_text=_("One thing that one does before the next."))


class StageBlock(blocks.StructBlock):
    """One thing to settle or to do on the way to something shared."""

    title = blocks.CharBlock(label=_("What is done"), max_length=120)
    text = WordsBlock(label=_("How"), features=FEATURES)

    class Meta:
        icon = "list-ol"


class FileBlock(blocks.StructBlock):
    """A paper that others may take and change."""

    title = blocks.CharBlock(label=_("What it is"), max_length=120, help_text=_("“Lending agreement, two pages”."))
    document = DocumentChooserBlock(label=_("File"))

    class Meta:
        icon = "doc-full"


class PlaybookBlock(blocks.StreamBlock):
    """A model that others can copy: what it is, what it needs, how it is set up, and on which agreements it rests."""

    what = ChapterBlock(
        label=_("What it is"), icon="site", help_text=_("Who does what with whom, so that a stranger can see it."),
        example="Nine farms own one baler together and book it on a board.",
    )  # fmt: skip
    needs = ChapterBlock(
        label=_("What it needs"), icon="list-ul",
        help_text=_("People, space, machines, permits: what must be there first."),
        example="Four farms within ten miles, a dry shed, and somebody who answers the telephone.",
    )  # fmt: skip
    stages = blocks.ListBlock(
        StageBlock(), label=_("How to set it up"), icon="list-ol", template="blocks/stages.html", min_num=1, max_num=30,
        help_text=_("In the order in which you would do it again."), preview_template=PREVIEW,
        preview_value=[{"title": "Meet once without a plan", "text": "<p>Everybody says what breaks most often.</p>"}],
    )  # fmt: skip
    agreements = ChapterBlock(
        label=_("What we agreed"), icon="lock",
        help_text=_("Who decides, who pays, who mends, and how somebody leaves."),
        example="Whoever breaks it mends it. Whoever leaves is paid out over two years.",
    )  # fmt: skip
    cost = CostBlock(label=_("What it cost"), help_text=_("Money and hours. Readers ask this first."))
    wrong = ChapterBlock(
        label=_("What went wrong"), icon="warning", help_text=_("What you would not do again."),
        example="In the first year nobody greased it, since everybody thought that somebody did.",
    )  # fmt: skip
    files = blocks.ListBlock(
        FileBlock(), label=_("Papers to take away"), icon="doc-full", template="blocks/files.html", max_num=12,
        help_text=_("Agreements, lists, drawings. Take names out of them first."), preview_template=PREVIEW,
        preview_value=[],
    )  # fmt: skip


class StoryBlock(blocks.StreamBlock):
    """A whole story: the parts in the order in which somebody would tell it."""

    setting = ChapterBlock(
        label=_("Where we started"), icon="site",
        help_text=_("Place, size, soil, weather, tools, who: what others must know to compare it with their own."),
        example="Two acres of wet clay on a north slope, and one tractor from 1974.",
    )  # fmt: skip
    tried = ChapterBlock(
        label=_("What we tried"), icon="crosshairs", help_text=_("What you did, in the order in which you did it."),
        example="We limed half the field in October and left the other half alone.",
    )  # fmt: skip
    happened = ChapterBlock(
        label=_("What happened"), icon="history", help_text=_("What came of it, good and bad. Facts before reasons."),
        example="By May the limed half was dry enough to walk on.",
    )  # fmt: skip
    turning_point = ChapterBlock(
        label=_("The turning point"), icon="rotate",
        help_text=_("Was there a moment when it went one way or the other? Leave this part out if there was none."),
        example="Then the ditch burst on the ninth of March.",
    )  # fmt: skip
    why = ChapterBlock(
        label=_("Why, as we see it"), icon="help",
        help_text=_("What you think was the cause, and how sure you are. A guess is fine if you call it one."),
        example="We think it was the drain and not the lime.",
    )  # fmt: skip
    cost = CostBlock(label=_("What it cost"), help_text=_("Money and hours. Readers ask this first."))
    evidence = EvidenceBlock(label=_("The figures"), help_text=_("What you counted or weighed, before and after."))
    pictures = PicturesBlock(
        label=_("Step by step"), help_text=_("Pictures in the order of the work, each with one sentence.")
    )
    video = VideoBlock(
        label=_("A video"), help_text=_("It stays where it is. Readers are asked before anything of it is loaded.")
    )
    now = ChapterBlock(
        label=_("What we would do now"), icon="check",
        help_text=_("What you would tell a friend who wants to try the same tomorrow."),
        example="Dig the ditch first. Everything else can wait.",
    )  # fmt: skip

    class Meta:
        block_counts: ClassVar[dict[str, dict[str, int]]] = {
            "setting": {"max_num": 1}, "now": {"max_num": 1}, "video": {"max_num": 6}
        }  # fmt: skip
