"""Forms of gatherings."""

from community.gatherings.forms.enrol import EnrolForm

__all__ = ["EnrolForm"]
