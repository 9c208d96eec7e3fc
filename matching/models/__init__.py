"""What the machine knows and says: vectors of texts, and who might meet whom, with reasons."""

from matching.models.suggestion import UNDER_WAY, Reason, Suggestion, SuggestionQuerySet
from matching.models.vector import Vector

__all__ = ["UNDER_WAY", "Reason", "Suggestion", "SuggestionQuerySet", "Vector"]
