"""Questions and answers: asked on a page, for everybody who reads it."""

from community.questions.models.ground import page_for, teller_of
from community.questions.models.question import Answer, Question
from community.questions.models.routed import Routed, RoutedState
from community.questions.models.writing import WritingState, name_writers

__all__ = ["Answer", "Question", "Routed", "RoutedState", "WritingState", "name_writers", "page_for", "teller_of"]
