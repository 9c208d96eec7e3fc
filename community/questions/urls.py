"""Addresses of questions: about any page by its number, since questions stand on pages of every kind."""

from django.urls import path

from community.questions import views

app_name = "questions"
urlpatterns = [
    path("", views.questions, name="questions"),
    path("on/<int:page>/", views.on_page, name="on_page"),
    path("on/<int:page>/ask/", views.ask, name="ask"),
    path("on/<int:page>/need/", views.need, name="need"),
    path("<int:question>/", views.question, name="question"),
    path("<int:question>/answer/", views.answer, name="answer"),
    path("<int:question>/edit/", views.edit, name="edit"),
    path("<int:question>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:question>/judge/", views.judge, name="judge"),
    path("<int:question>/not-for-me/", views.decline, name="decline"),
    path("answers/<int:answer>/", views.find_answer, name="find_answer"),
    path("answers/<int:answer>/helped/", views.accept, name="accept"),
    path("answers/<int:answer>/edit/", views.edit_answer, name="edit_answer"),
    path("answers/<int:answer>/withdraw/", views.withdraw_answer, name="withdraw_answer"),
    path("answers/<int:answer>/judge/", views.judge_answer, name="judge_answer"),
]
