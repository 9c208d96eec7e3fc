"""How often somebody may ask for what costs much, or may be misused."""

from allauth.core.internal import ratelimit
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def is_too_often(request: HttpRequest, action: str, key: str = "") -> bool:
    """Whether a visitor asks too much, by the limits of `ACCOUNT_RATE_LIMITS`; a GET counts as well.

    Without a key it is their network that is counted, under a keyed hash: no address of anybody is kept.
    """
    key = key or salted_hmac("often", ratelimit.get_ip(request), algorithm="sha256").hexdigest()
    return not ratelimit.consume(request, app="allauth.account", action=action, key=key, limit_get=True)
