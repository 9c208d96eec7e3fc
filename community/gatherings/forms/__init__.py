"""Forms of gatherings."""

from community.gatherings.forms.enrol import EnrolForm
from community.gatherings.forms.guests import AnswerForm, CameForm, FeedbackForm, MessageForm

__all__ = ["AnswerForm", "CameForm", "EnrolForm", "FeedbackForm", "MessageForm"]
