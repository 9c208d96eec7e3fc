"""The long trust runs."""
