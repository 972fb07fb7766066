"""The admin site of the console."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig
from unfold.sites import UnfoldAdminSite


class ConsoleSite(UnfoldAdminSite):
    """The console: unfold's site, with our title and start page."""

    enable_nav_sidebar = True


class ConsoleConfig(AdminConfig):
    default_site = "integrator.console.ConsoleSite"
