"""The forms of the library."""

from community.library.forms.trial import TrialFilter, TrialForm

__all__ = ["TrialFilter", "TrialForm"]
