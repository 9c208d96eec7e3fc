"""A page as a card that others may put on their own sites: the one address here that may stand in a foreign frame."""

from hashlib import sha256

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe
from wagtail.models import Site

from community.library.models import roll_up
from community.topics.models import EntryPage

ANYWHERE = {"frame-ancestors": ["*"], "script-src": [NONE], "style-src": [SELF], "connect-src": [NONE]}
KEPT_FOR = 300  # seconds


@require_safe
@xframe_options_exempt
@csp_replace(ANYWHERE | {"form-action": [NONE]})  # type: ignore[arg-type]
def card(request: HttpRequest, slug: str, model: type[EntryPage]) -> HttpResponseBase | None:
    """A public page in short: no script, no form, no cookie. In a foreign frame nobody is known, so all see the same;
    whoever is signed in and looks here is kept apart from whom blocks keep away, as everywhere."""
    public = model.objects.visible_to(None).unblocked_for(request.user)
    page = get_object_or_404(public.with_cards().select_related("locale"), slug=slug)
    roll_up([page], None)
    site = Site.find_for_request(request)
    context = {
        "page": page,
        "url": page.get_full_url(request),
        "site_name": (site and site.site_name) or settings.WAGTAIL_SITE_NAME,
    }
    with translation.override(page.locale.language_code):  # one address for each wording, so the page says which
        response = HttpResponse(render_to_string("library/card.html", context))
    response.headers["Cache-Control"] = f"public, max-age={KEPT_FOR}"
    response.headers["ETag"] = mark = quote_etag(sha256(response.content).hexdigest()[:32])
    return get_conditional_response(request, etag=mark, response=response)
