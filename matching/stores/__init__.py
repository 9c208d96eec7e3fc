"""Where vectors are kept and found. A store is a module with `save`, `load` and `drop`; the contract test runs each."""

from types import ModuleType

from matching.stores import exact

STORES: dict[str, ModuleType] = {"exact": exact}
