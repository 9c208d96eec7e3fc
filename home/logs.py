"""Logs say what happened and where, never what somebody wrote."""

import logging


class WithoutText(logging.Filter):
    """Takes request objects and their values out of a record before it is written down."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, without the request that could carry private text, and addresses without their query."""
        if hasattr(record, "request"):
            record.request = None
        if isinstance(record.args, tuple):
            record.args = tuple(a.partition("?")[0] if isinstance(a, str) else a for a in record.args)
        return True
