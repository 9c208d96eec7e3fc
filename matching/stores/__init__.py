"""Where vectors are kept and found. A store is a module with `save`, `load`, `known`, `drop` and `search`; the
contract test runs each."""

from types import ModuleType

from matching.stores import exact, pgvector

STORES: dict[str, ModuleType] = {"exact": exact, "pgvector": pgvector}
"""`exact`: any database, compared in-process. `pgvector`: PostgreSQL with that extension, compared there."""


def current() -> ModuleType:
    """The store that searches: PostgreSQL's own where it can, else this process."""
    return pgvector if pgvector.is_available() else exact
