"""Reports that members make, what stewards did and why, and what they may take from a page."""

from community.trust.models.due import one_by_one
from community.trust.models.hideable import HiddenAt, Hideable, HideableQuerySet
from community.trust.models.posted import PostedPage, Posting
from community.trust.models.report import (
    Audit,
    AuditVerb,
    Report,
    ReportReason,
    ReportState,
    end_sessions,
    own_path,
    person_at,
)
from community.trust.models.safeguarding import Safeguarding, is_named_for

__all__ = [
    "Audit",
    "AuditVerb",
    "HiddenAt",
    "Hideable",
    "HideableQuerySet",
    "PostedPage",
    "Posting",
    "Report",
    "ReportReason",
    "ReportState",
    "Safeguarding",
    "end_sessions",
    "is_named_for",
    "one_by_one",
    "own_path",
    "person_at",
]
