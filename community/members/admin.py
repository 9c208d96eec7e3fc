"""Members in the Wagtail admin."""

from wagtail.users.views.users import UserViewSet as WagtailUserViewSet


class UserViewSet(WagtailUserViewSet):
    """Wagtail's user screens for members, who log in by e-mail and have one name."""
