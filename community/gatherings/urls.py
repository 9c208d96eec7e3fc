"""Addresses of gatherings."""

from django.urls import URLPattern

app_name = "gatherings"
urlpatterns: list[URLPattern] = []
