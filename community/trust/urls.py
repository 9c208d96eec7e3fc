"""Addresses of trust."""

from django.urls import path

from community.trust import views

app_name = "trust"
urlpatterns = [
    path("report/", views.report, name="report"),
    path("report/<int:pk>/", views.my_report, name="my_report"),
    path("steward/", views.desk, name="desk"),
    path("steward/reports/<int:pk>/", views.report_detail, name="report_detail"),
    path("steward/people/", views.people, name="people"),
    path("steward/people/<slug:handle>/", views.person, name="person"),
    path("steward/people/<slug:handle>/<slug:action>/", views.act, name="act"),
    path("me/export/", views.export, name="export"),
    path("me/erase/", views.erase_me, name="erase"),
    path("farewell/", views.farewell, name="farewell"),
]
