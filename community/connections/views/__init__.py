"""Views of connections."""
