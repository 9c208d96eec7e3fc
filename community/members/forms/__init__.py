"""Forms about people, and the way every longer form of the site keeps what was typed."""

from community.members.forms.kept import Kept, KeptForm
from community.members.forms.signup import SignupForm

__all__ = ["Kept", "KeptForm", "SignupForm"]
