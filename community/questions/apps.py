"""Makes the questions known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuestionsConfig(AppConfig):
    """What people ask on pages, and what others answer."""

    name = "community.questions"
    label = "questions"
    verbose_name = _("Questions")
