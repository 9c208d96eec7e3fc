"""Who and what should meet: a Django shell around a pure engine."""
