"""The pages of gatherings that are not Wagtail pages."""
