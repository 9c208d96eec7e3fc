"""What stewards see of the matching: the weights of its features, and how evenly people are suggested."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from community.trust.views import stewards_only
from matching import weights
from matching.views.suggestions import KIND_WORDS

# What stands in the file of weights, in words; a feature that is not here is shown by its own name.
FEATURE_WORDS: dict[str, Any] = {
    "whole": _("The profile as a whole"),
    "sentence": _("The sentence about them that is nearest"),
    "statement": _("The offer that is nearest"),
    "line": _("The nearest of all that they wrote"),
    "cover": _("How much of it they cover"),
    "wording": _("Words in common"),
    "trade": _("What people of such a trade usually can do"),
    "route": _("Trades that take what is looked for, and their trade"),
    "familiar_profile": _("How near the profile is to any trade at all"),
    "familiar_wish": _("How near what is looked for is to any trade at all"),
}
TABLE_WORDS: dict[str, Any] = {
    "wish": _("What somebody looks for, beside what another has"),
    "cold": _("What somebody looks for, beside a profile that lists nothing"),
    "likeness": _("Two people who did not say what they look for"),
    "name": _("Looking up the name of a skill"),
    "ask": _("A question, beside what was written"),
} | {kind: words[0] for kind, words in KIND_WORDS.items()}
HALF = 100  # length of the longest bar, in the units of the drawing


@stewards_only
@require_safe
def matching(request: HttpRequest) -> HttpResponse:
    """How the matching weighs, and whether the same few are always shown."""
    kinds: dict[str, Any] = {}
    provenance: dict[str, Any] = {}
    wrong = ""
    try:
        kinds, provenance = weights.shipped()
    except weights.WeightsUnsound as error:
        wrong = str(error)
    spread = [_exposure_row(kind, found) for kind, found in weights.exposure().items()]
    tables = [{"title": TABLE_WORDS.get(kind, kind), "bars": _bars(rows)} for kind, rows in kinds.items()]
    context = {"tables": tables, "provenance": provenance.items(), "wrong": wrong, "spread": spread}
    return render(request, "matching/steward.html", context)


def _bars(rows: list[weights.Weight]) -> list[dict[str, Any]]:
    """One bar a feature: to the right where it speaks for a match, to the left where it speaks against."""
    longest = max((abs(row.value) for row in rows), default=0.0) or 1.0
    bars = []
    for row in rows:
        length = round(HALF * abs(row.value) / longest)
        words = FEATURE_WORDS.get(row.feature, row.feature.replace("_", " "))
        bars.append({
            "label": words, "value": row.value, "length": length, "start": HALF if row.value >= 0 else HALF - length,
            "sign": "plus" if row.value >= 0 else "minus",
        })  # fmt: skip
    return bars


def _exposure_row(kind: str, found: weights.Exposure) -> dict[str, Any]:
    fifths = [{"number": n, "percent": round(100 * share)} for n, share in enumerate(found.fifths, 1)]
    return {"kind": kind, "title": TABLE_WORDS[kind], "found": found, "fifths": fifths}
