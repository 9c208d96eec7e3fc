"""The page that others try: what they report is counted on it, whatever kind of page it is."""

from django.apps import apps

from community.topics.models import EntryPage


class TriedPage(EntryPage):
    """A page with something to try: a story, later also a lesson or a playbook.

    A kind of page joins by growing from this class; nothing else names the kinds.
    """

    class Meta:
        abstract = True

    @classmethod
    def kinds(cls) -> "list[type[TriedPage]]":
        """All kinds of pages that can be tried."""
        return [model for model in apps.get_models() if issubclass(model, TriedPage)]
