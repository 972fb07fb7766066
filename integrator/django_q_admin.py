"""django-q2's own pages, to read, for superusers: its schedule form would mean “run any function”."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django_q.models import Failure, OrmQ, Schedule, Success

from toolkit.admin import ReadOnlyAdmin


class SuperuserOnly(ReadOnlyAdmin[Any]):
    actions = None
    sortable_by = ()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


for model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Failure, Success)
class TaskAdmin(SuperuserOnly):
    list_display = ["name", "func", "started", "stopped", "success"]
    fields = ["name", "func", "started", "stopped", "success", "attempt_count"]


@admin.register(Schedule)
class ScheduleAdmin(SuperuserOnly):
    list_display = ["name", "func", "schedule_type", "next_run"]
    fields = ["name", "func", "schedule_type", "minutes", "cron", "repeats", "next_run"]


@admin.register(OrmQ)
class QueuedTaskAdmin(SuperuserOnly):
    list_display = ["id", "task", "lock"]
    fields = ["task", "lock"]
    readonly_fields = ["task"]

    @admin.display(description="task")
    def task(self, row: OrmQ) -> str:
        task = row.task
        return f"{task.get('func', '?')} {' '.join(str(arg) for arg in task.get('args', ()))}"
