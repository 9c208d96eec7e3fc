"""Made-up rows for the style page, so that every component can be looked at without a database."""

import datetime as dt
from typing import Any

from django import forms
from django.core.paginator import Paginator

TOPICS = [
    ("soil", "Soil"), ("livestock", "Livestock"), ("dairy", "Dairy"), ("fruit", "Fruit"), ("vegetables", "Vegetables"),
    ("grain-and-bread", "Grain and bread"), ("brewing", "Brewing"), ("bees", "Bees"), ("wood", "Wood"),
    ("metal-and-machines", "Metal and machines"), ("textiles", "Textiles"), ("leather", "Leather"),
    ("building", "Building"), ("clay", "Clay"), ("boats-and-fishing", "Boats and fishing"), ("repair", "Repair"),
    ("energy", "Energy"), ("selling", "Selling"), ("passing-on", "Passing on"),
]  # fmt: skip
SIGNS = (
    "success mixed failure workshop visit meeting online apprenticeship placement guest-teaching advisory "
    "winter spring summer autumn all-year calendar clock pin person people search print leaf arrow check eye key "
    "shut phone mail globe bell graft"
)
DRAWINGS = (
    "story_success story_mixed story_failure gathering_workshop gathering_visit gathering_meeting gathering_online "
    "opening_apprenticeship opening_placement opening_guest-teaching opening_advisory people matches empty_shelf "
    "gate broken_tool"
)
COLOURS = "paper leaf shade ink ink-soft line line-firm moss moss-tint madder madder-tint straw straw-tint"


class SampleForm(forms.Form):
    """One field of each sort, with help and an optional one."""

    is_sample = True  # the summary of errors does not take the focus here

    name = forms.CharField(label="Your name", help_text="As people in the valley know you.")
    email = forms.EmailField(label="E-mail", help_text="Only the steward sees it.")
    about = forms.CharField(label="What can you show somebody?", widget=forms.Textarea, required=False)
    season = forms.ChoiceField(label="When have you time?", choices=[("winter", "In winter"), ("summer", "In summer")])
    kinds = forms.MultipleChoiceField(
        label="What are you open to?", widget=forms.CheckboxSelectMultiple,
        choices=[("mentor", "Teaching somebody"), ("collaborator", "Doing a job together")],
    )  # fmt: skip
    is_adult = forms.ChoiceField(
        label="Are you 18 or older?", widget=forms.RadioSelect, choices=[("yes", "Yes"), ("no", "No")]
    )
    accepts_rules = forms.BooleanField(label="I will keep to the house rules")


class SampleFilters(forms.Form):
    """The filters of a list."""

    q = forms.CharField(label="Words", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    outcome = forms.ChoiceField(
        label="How it ended", required=False,
        choices=[("", "Any"), ("success", "It worked"), ("mixed", "It worked in part"), ("failure", "It failed")],
    )  # fmt: skip
    topic = forms.ChoiceField(label="About", required=False, choices=[("", "Anything"), *TOPICS])


def figures() -> list[dict[str, str]]:
    """Rows of a figures table."""
    return [
        {
            "measure": "Lambs lost before weaning",
            "before": "11 of 96",
            "after": "4 of 98",
            "method": "counted at marking",
        },
        {"measure": "Hours of shepherding a week", "before": "31", "after": "22", "method": ""},
    ]


def costs() -> list[dict[str, str]]:
    """Rows of a cost table."""
    return [
        {"item": "Diesel", "amount": "£212"},
        {"item": "Second-hand hurdles, 14 of them, from a sale at Tolver", "amount": "£70"},
        {"item": "Our own time, 31 hours", "amount": "not paid"},
    ]


def statements() -> list[dict[str, Any]]:
    """What one person says they offer."""
    return [
        {"text": "Rebuilding a gap in a drystone wall", "kind_label": "A skill", "can_teach": True,
         "standing": "50 years", "visibility": "members", "edit_url": "#"},
        {"text": "A bandsaw that takes 30 cm", "kind_label": "A machine or tool",
         "visibility": "matching", "edit_url": "#"},
        {"text": "I want to stop in three years", "kind_label": "A plan", "visibility": "me", "edit_url": "#"},
    ]  # fmt: skip


def style_samples() -> dict[str, Any]:
    """Everything that templates/home/style_page.html shows."""
    wrong = SampleForm({"wrong-name": "", "wrong-email": "wilf at example", "wrong-season": "winter"}, prefix="wrong")
    wrong.is_valid()
    return {
        "topics": [{"slug": slug, "name": name} for slug, name in TOPICS],
        "signs": SIGNS.split(),
        "drawings": DRAWINGS.split(),
        "colours": COLOURS.split(),
        "form": SampleForm(prefix="right"),
        "wrong_form": wrong,
        "filters": SampleFilters({"outcome": "failure"}, auto_id="filter_%s"),
        "active": [{"label": "It failed", "url": "?"}],
        "figures": figures(),
        "costs": costs(),
        "statements": statements(),
        "page_obj": Paginator(range(60), 12).page(2),
        "day": dt.datetime(2026, 11, 14, 10, 0, tzinfo=dt.UTC),
        "offers": ["Drystone walling, from footing to cope", "Lambing outdoors", "Sharpening shears"],
        "needs": ["Somebody to take on the flock when I stop"],
        "crumbs": [{"url": "/", "title": "Front page"}, {"url": "/stories/", "title": "Stories"}],
        "steps": [
            {
                "title": "Strip out the gap",
                "text": "Lay the cope stones furthest away, then face stones, then the filling.",
            },
            {"title": "Set the footings", "text": "Biggest stones, long side into the wall."},
            {"text": "Build up both faces together and keep the middle full."},
        ],
    }
