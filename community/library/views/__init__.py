"""The pages of the library that are not Wagtail pages."""
