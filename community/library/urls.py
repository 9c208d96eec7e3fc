"""Addresses of the library; the list and each story are pages."""

from django.urls import URLPattern

app_name = "library"
urlpatterns: list[URLPattern] = []
