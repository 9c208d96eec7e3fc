"""What stewards see of the matching: the weights of its features, and how evenly people are suggested."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from community.trust.views import reader, stewards_only
from matching import weights
from matching.models import Learned
from matching.tasks import share_out
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


STATE_WORDS: dict[str, Any] = {
    "in_use": _("In use: on the latest answers it is surely better than what the site came with."),
    "stopped": _("It proved itself, but a steward went back to what the site came with."),
    "not_better": _("Not in use: on the latest answers it is not surely better than what the site came with."),
    "too_few": _("Not enough answers yet to learn anything from."),
    "outdated": _("Not in use: the site has come with other weights since. It is tried anew next month."),
}


@stewards_only
@require_safe
def matching(request: HttpRequest) -> HttpResponse:
    """How the matching weighs, what it learned here, and whether the same few are always shown."""
    kinds: dict[str, Any] = {}
    provenance: dict[str, Any] = {}
    newest, wrong = Learned.newest(), ""
    taught = []
    try:
        kinds, provenance = weights.shipped()
        taught = weights.taught(newest)
    except weights.WeightsUnsound as error:
        wrong = str(error)
    learned = {one.relation: one.learned for one in taught}
    tables = [_table(kind, rows, learned.get(kind, {})) for kind, rows in kinds.items()]
    context = {
        "tables": tables, "provenance": provenance.items(), "wrong": wrong, "newest": newest,
        "spread": [_exposure_row(kind, found) for kind, found in weights.exposure().items()],
        "taught": [_taught_row(one) for one in taught], "needed": weights.NEEDED,
        "is_used": any(one.state == "in_use" for one in taught),
    }  # fmt: skip
    return render(request, "matching/steward.html", context)


@stewards_only
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Go back to the weights that the site came with; everybody's suggestions follow."""
    newest = Learned.newest()
    with transaction.atomic():
        if newest and newest.stop(reader(request)):
            share_out.enqueue()
            messages.success(request, _("The weights that the site came with count again, from the next lists on."))
    return redirect("matching_steward:matching")


@stewards_only
@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    """Let what was learned here count again, as far as it proved itself."""
    newest = Learned.newest()
    with transaction.atomic():
        if newest and newest.resume():
            share_out.enqueue()
            messages.success(request, _("What was learned here counts again, as far as it proved itself."))
    return redirect("matching_steward:matching")


def _table(kind: str, rows: list[weights.Weight], learned: Mapping[str, float]) -> dict[str, Any]:
    """One relation's weights, beside those that were learned here."""
    bars = _bars(rows)
    for row, bar in zip(rows, bars, strict=True):
        bar["learned"] = learned.get(row.feature)
    return {"title": TABLE_WORDS.get(kind, kind), "bars": bars, "is_taught": bool(learned)}


def _taught_row(one: weights.Taught) -> dict[str, Any]:
    return {"title": TABLE_WORDS[one.relation], "words": STATE_WORDS[one.state], "found": one}


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
