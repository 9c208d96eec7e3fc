"""Addresses of questions: about any page by its number, since questions stand on pages of every kind."""

from django.urls import URLPattern

app_name = "questions"
urlpatterns: list[URLPattern] = []
