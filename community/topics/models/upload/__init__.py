"""Files that people send: whatever the door, nothing about their maker is kept.

A picture from a form of ours: `community.topics.forms.PictureField`, then `clean_picture(file, title, member)`.
Wagtail's own doors (one picture, several, choosers, documents) use the same fields by their forms, and whatever is
saved past a form is cleaned or refused by the signals in `doors`.
"""

from community.topics.models.upload.doors import clean_picture
from community.topics.models.upload.file import CleanFile, Refused
from community.topics.models.upload.paper import paper_without_traces
from community.topics.models.upload.picture import without_traces

__all__ = ["CleanFile", "Refused", "clean_picture", "paper_without_traces", "without_traces"]
