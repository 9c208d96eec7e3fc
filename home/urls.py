"""Addresses of the shell."""

from django.urls import path

from home import calendars, letters, views
from home.api import api
from matching.views import ask

urlpatterns = [
    path("ask/", ask.ask, name="ask"),
    path("circles/<slug:slug>/calendar/", calendars.circle_address, name="circle_calendar_address"),
    path("circles/<slug:slug>/calendar.ics", calendars.circle_calendar, name="circle_calendar"),
    path("circles/<slug:slug>/mine/<str:token>.ics", calendars.circle_calendar_by_key, name="circle_calendar_by_key"),
    path("people/<slug:handle>/letter/", letters.letter, name="letter"),
    path("people/<slug:handle>/letter/<int:pk>/", letters.letter, name="letter_again"),
    path("people/<slug:handle>/letter/act/", letters.act, name="letter_act"),
    path("steward/letters/", letters.letters, name="letters"),
    path("api/v3/", api.urls),
    path("healthz", views.healthz, name="healthz"),
    path("language/", views.choose_language, name="choose_language"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("favicon.ico", views.favicon),
    path("media/<path:path>", views.media, name="media"),
    path("dev/style/", views.style_page, name="dev_style"),
    path("dev/mail/", views.mails, name="dev_mails"),
    path("dev/mail/<str:name>/<int:number>/", views.mail, name="dev_mail"),
]
