from __future__ import annotations

from django.urls import path

from syncjobs import views

app_name = "hooks"
urlpatterns = [path("<str:token>/", views.receive, name="receive")]
