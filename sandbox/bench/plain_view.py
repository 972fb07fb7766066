"""The view to compare the intake with: no middleware, one row inserted, an answer. Served as `sandbox.bench.plain_view`."""

from __future__ import annotations

import os
import uuid

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integrator.settings")
settings.ROOT_URLCONF = "sandbox.bench.plain_view"
settings.MIDDLEWARE = []
django.setup()

from syncjobs.models import WebhookEvent  # noqa: E402 (models need Django set up)


@csrf_exempt
def insert(request: HttpRequest, connection_id: int) -> HttpResponse:
    WebhookEvent.objects.create(connection_id=connection_id, digest=uuid.uuid4().hex, body=request.body)
    return JsonResponse({"stored": True})


urlpatterns = [path("insert/<int:connection_id>", insert)]
application = get_wsgi_application()
