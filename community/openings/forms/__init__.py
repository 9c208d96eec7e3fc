"""Forms of openings."""
