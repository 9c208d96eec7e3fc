"""Addresses of connections."""

from django.urls import path

from community.connections import views

app_name = "connections"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("new/<slug:handle>/", views.new, name="new"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/block/", views.block, name="block"),
    path("<int:pk>/plan/", views.plan, name="plan"),
    path("<int:pk>/plan/<int:line>/", views.plan_line, name="plan_line"),
]
