from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from integrator.signed_in import signed_in

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", admin.site.urls),
    path("hooks/", include("syncjobs.urls")),
    path("signed-in/", signed_in, name="signed_in"),
]
