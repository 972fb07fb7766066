from __future__ import annotations

from django.db.backends.sqlite3 import base, features


class DatabaseFeatures(features.DatabaseFeatures):
    # Django assumes SQLite's limit of before 2020 (999), which cuts a batch of 100 records into five statements.
    # 32,766 is the default since SQLite 3.32; Django 5.2 itself asks for 3.31, so a system check asks for more.
    max_query_params = 32_766


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
