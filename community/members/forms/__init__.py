"""Forms about people, and the way every longer form of the site keeps what was typed."""

from community.members.forms.fresh import FreshForm
from community.members.forms.kept import Kept, KeptForm
from community.members.forms.person import HelpedForm, PeopleFilter
from community.members.forms.profile import TOPICS
from community.members.forms.signup import SignupForm
from community.members.forms.statement import StatementForm

__all__ = ["TOPICS", "FreshForm", "HelpedForm", "Kept", "KeptForm", "PeopleFilter", "SignupForm", "StatementForm"]
