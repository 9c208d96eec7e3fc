"""Makes the people's app known, and lets the Wagtail admin edit members by a form of ours."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class MembersConfig(AppConfig):
    """Accounts, profiles, statements, blocks."""

    name = "community.members"
    label = "members"
    verbose_name = _("Members")
    default = True


class UsersConfig(WagtailUsersAppConfig):
    """Wagtail's user screens, which must know that our members log in by e-mail and have one name."""

    user_viewset = "community.members.admin.UserViewSet"
