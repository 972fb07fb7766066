"""The three groups that people are put in. What an administrator adds to one later stays."""

from __future__ import annotations

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOK = [
    "connections.view_customer", "connections.view_connection", "syncjobs.view_integration", "syncjobs.view_flow",
    "syncjobs.view_fieldmapping", "syncjobs.view_valuemap", "syncjobs.view_valuemaprow", "syncjobs.view_syncrecord",
    "syncjobs.view_webhookevent", "syncjobs.view_flowrun", "syncjobs.view_heartbeat", "audit.view_auditentry",
]
WORK = [
    "syncjobs.replay_syncrecord", "syncjobs.edit_syncrecord", "syncjobs.close_syncrecord", "syncjobs.see_bodies",
    "syncjobs.replay_webhookevent", "syncjobs.run_flow", "syncjobs.rewind_flow", "connections.probe_connection",
    "connections.pause_connection", "connections.change_customer", "syncjobs.change_flow",
    "syncjobs.add_fieldmapping", "syncjobs.change_fieldmapping", "syncjobs.delete_fieldmapping",
    "syncjobs.add_valuemap", "syncjobs.change_valuemap", "syncjobs.add_valuemaprow", "syncjobs.change_valuemaprow",
    "syncjobs.delete_valuemaprow",
]
RULE = [
    "connections.add_customer", "connections.add_connection", "connections.change_connection",
    "connections.enter_secrets", "syncjobs.add_integration", "syncjobs.activate_integration", "auth.view_user",
    "auth.add_user", "auth.change_user", "auth.view_group", "auth.add_group", "auth.change_group",
]
GROUPS = {"Support": LOOK + WORK, "Administrator": LOOK + WORK + RULE, "Auditor": LOOK}


def create(apps, schema_editor):
    alias = schema_editor.connection.alias
    # Permissions are made after all migrations have run; these are needed now.
    for app in apps.get_app_configs():
        app.models_module = True
        create_permissions(app, verbosity=0, using=alias, apps=apps)
        app.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, wanted in GROUPS.items():
        group, _ = Group.objects.using(alias).get_or_create(name=name)
        for permission in wanted:
            app_label, codename = permission.split(".")
            found = Permission.objects.using(alias).get(content_type__app_label=app_label, codename=codename)
            group.permissions.add(found)


def remove(apps, schema_editor):
    apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias).filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("syncjobs", "0001_initial"),
        ("connections", "0001_initial"),
        ("audit", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(create, remove)]
