"""What the apps declare about the people in their tables, found by name so that trust knows none of them.

Each app may have a `privacy.py` with three names: `HOLDS` (which tables have a person in them, and the lookup path
to that person), `export(member)` (their rows in plain values) and `erase(member)`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model

from community.members.models import Member

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Declaration:
    """What one app holds about people, and how it gives it out and forgets it."""

    app: str
    holds: dict[type[Model], tuple[str, ...]]
    export: Callable[[Member], Rows]
    erase: Callable[[Member], None]

    def rows_of(self, member: Member) -> Iterator[Model]:
        """Every row of this app that leads to the member by a declared path."""
        for model, paths in self.holds.items():
            for path in paths:
                yield from model._default_manager.filter(**{path: member}).distinct()


def project_apps() -> list[str]:
    """The names of our own apps, as the code knows them: everything that lies beside `config`."""
    here = str(settings.BASE_DIR)
    return [a.name for a in apps.get_app_configs() if a.path.startswith(here) and "site-packages" not in a.path]


def declarations() -> list[Declaration]:
    """Every app's declaration, in the order in which people are forgotten: the account itself comes last."""
    found = [declaration_of(name) for name in reversed(project_apps())]
    declared = [d for d in found if d is not None]
    return sorted(declared, key=lambda d: d.app == Member._meta.app_label)


def declaration_of(name: str) -> Declaration | None:
    """One app's declaration, or None where the app has no `privacy.py`."""
    if find_spec(f"{name}.privacy") is None:
        return None
    module: ModuleType = import_module(f"{name}.privacy")
    holds = {model: paths_in(path) for model, path in module.HOLDS.items()}
    config = apps.get_containing_app_config(module.__name__)
    assert config is not None  # the name came from the installed apps
    return Declaration(config.label, holds, module.export, module.erase)


def paths_in(declared: str | Iterable[str]) -> tuple[str, ...]:
    """Lookup paths of a table; an empty word stands for a table that the app searches in a way of its own."""
    return tuple(path for path in ([declared] if isinstance(declared, str) else declared) if path)


def held_models() -> set[type[Model]]:
    """Every table that some app has declared."""
    return {model for declaration in declarations() for model in declaration.holds}
