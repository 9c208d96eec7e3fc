"""Forms of gatherings."""

from community.gatherings.forms.enrol import EnrolForm
from community.gatherings.forms.guests import AnswerForm

__all__ = ["AnswerForm", "EnrolForm"]
