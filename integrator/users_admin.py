"""Users and groups. Rights come from groups; only a superuser makes superusers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from audit import trail
from audit.actions import Action
from audit.trail import Actor

if TYPE_CHECKING:  # unfold has no types

    class UnfoldStyle:
        pass
else:
    from unfold.admin import ModelAdmin as UnfoldStyle

for model in (Group, User):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class AuditedAdmin:
    """Leaves an entry for every change: who may do what is part of what happened."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        changed = ", ".join(form.changed_data) or "nothing"
        summary = f"Changed: {changed}." if change else "Created."
        trail.record(Action.USER_CHANGED, form.instance, actor=Actor.user(request.user), summary=summary)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        if not isinstance(message, list):  # a new password comes by a page of its own, past `save_related`
            trail.record(Action.USER_CHANGED, obj, actor=Actor.user(request.user), summary=str(message))
        return super().log_change(request, obj, message)  # type: ignore[misc]


@admin.register(User)
class UserAdmin(AuditedAdmin, StockUserAdmin[User], UnfoldStyle):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "first_name", "last_name", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "groups"]
    filter_horizontal = ["groups"]
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Rights", {"fields": ("is_active", "is_staff", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ["last_login", "date_joined"]
    actions = None

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not request.user.is_superuser:
            return fieldsets
        return [*fieldsets, ("Superuser", {"fields": ("is_superuser",)})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """A superuser's account, and so its password, is another superuser's business."""
        users = super().get_queryset(request)
        return users if request.user.is_superuser else users.filter(is_superuser=False)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # switched off instead: the trail goes on naming them


@admin.register(Group)
class GroupAdmin(AuditedAdmin, StockGroupAdmin, UnfoldStyle):
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return False
