"""Members in the Wagtail admin."""

from typing import Any

from django.db.models import Q
from wagtail.users.views.users import CreateView, EditView, IndexView
from wagtail.users.views.users import UserViewSet as WagtailUserViewSet

from community.members.forms.user import UserForm


class MemberIndexView(IndexView):
    """The list of accounts, ordered and searched by name and e-mail address."""

    default_ordering = "name"
    is_searchable = True

    def order_queryset(self, queryset: Any) -> Any:
        """Members have one name."""
        if self.ordering in {"name", "-name"}:
            return queryset.order_by(self.ordering, "pk")
        return super().order_queryset(queryset)

    def search_queryset(self, queryset: Any) -> Any:
        """Find by a part of the name or the address."""
        words = (self.search_query or "").replace("\x00", "")
        return queryset.filter(Q(name__icontains=words) | Q(email__icontains=words)) if words else queryset


class _ForUser:
    """Tells the form who is editing."""

    request: Any

    def get_form_kwargs(self) -> dict[str, Any]:
        """The one in front of the screen decides which fields there are."""
        return {**super().get_form_kwargs(), "for_user": self.request.user}  # type: ignore[misc]


class MemberCreateView(_ForUser, CreateView):
    """A new account."""


class MemberEditView(_ForUser, EditView):
    """An account."""


class UserViewSet(WagtailUserViewSet):
    """Wagtail's user screens for members, who log in by e-mail and have one name."""

    index_view_class = MemberIndexView
    add_view_class = MemberCreateView
    edit_view_class = MemberEditView
    create_template_name = "members/admin/create.html"
    edit_template_name = "members/admin/edit.html"
    ordering = "name"

    def get_form_class(self, for_update: bool = False) -> type[UserForm]:
        """One form for new and old accounts."""
        return UserForm
