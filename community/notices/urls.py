"""Addresses of notices."""

from django.urls import path

from community.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.notices, name="list"),
    path("read/", views.read_all, name="read_all"),
    path("follow/", views.follow, name="follow"),
    path("following/", views.following, name="following"),
    path("following/mail/", views.rhythm, name="rhythm"),
    path("following/<int:pk>/stop/", views.stop, name="stop"),
    path("preferences/", views.preferences, name="preferences"),
    path("off/<str:token>/", views.off, name="off"),
    path("<int:pk>/", views.open_notice, name="open"),
]
