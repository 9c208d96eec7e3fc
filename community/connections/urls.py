"""Addresses of connections."""

from django.urls import path

from community.connections.views import ask, desk, notes, one, overview, papers, plan, recognition, silence, thread

app_name = "connections"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("new/<slug:handle>/", ask.new, name="new"),
    path("passed-on/", recognition.passed_on, name="passed_on"),
    path("thanks/<slug:handle>/", papers.thanks, name="thanks"),
    path("answer/<str:token>/", silence.by_mail, name="by_mail"),
    path("wait/<slug:handle>/", silence.wait, name="wait"),
    path("waits/<int:pk>/leave/", silence.leave_wait, name="leave_wait"),
    path("<int:pk>/next/", silence.next_choices, name="next"),
    path("<int:pk>/carry-on/", silence.carry_on, name="carry_on"),
    path("<int:pk>/another/", silence.another, name="another"),
    path("<int:pk>/", one.detail, name="detail"),
    path("<int:pk>/decline/", one.decline, name="decline"),
    path("<int:pk>/postpone/", one.postpone, name="postpone"),
    path("<int:pk>/block/", one.block, name="block"),
    path("<int:pk>/agreement/", papers.agreement, name="agreement"),
    path("<int:pk>/agreement/write/", papers.write, name="write"),
    path("<int:pk>/meetings/", papers.meetings, name="meetings"),
    path("<int:pk>/meetings/<int:meeting>/drop/", papers.drop_meeting, name="drop_meeting"),
    path("<int:pk>/check-in/", papers.check_in, name="check_in"),
    path("<int:pk>/close/", papers.close, name="close"),
    path("<int:pk>/words/<int:closing>/", papers.show, name="show"),
    path("<int:pk>/certificate/", recognition.certificate, name="certificate"),
    path("<int:pk>/certificate.pdf", recognition.certificate_pdf, name="certificate_pdf"),
    path("<int:pk>/thread/", thread.thread, name="thread"),
    path("<int:pk>/thread/<int:message>/", thread.message, name="message"),
    path("<int:pk>/thread/<int:message>/report/", thread.report, name="report"),
    path("<int:pk>/files/<uuid:key>/", thread.enclosure, name="enclosure"),
    path("<int:pk>/notes/", notes.notes, name="notes"),
    path("<int:pk>/notes/<int:note>/", notes.note, name="note"),
    path("<int:pk>/notes/<int:note>/drop/", notes.drop, name="drop_note"),
    path("<int:pk>/plan/", plan.plan, name="plan"),
    path("<int:pk>/plan/<int:line>/", plan.plan_line, name="plan_line"),
]

# Under /steward/.
steward_patterns = (
    [
        path("waiting/", desk.waiting, name="waiting"),
        path("waiting/<int:pk>/called/", desk.called, name="called"),
        path("messages/", desk.messages_held, name="messages"),
        path("messages/<int:pk>/", desk.decide, name="decide"),
    ],
    "connections_steward",
)
