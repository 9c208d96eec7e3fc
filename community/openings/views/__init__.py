"""Views of openings."""
