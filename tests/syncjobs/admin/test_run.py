from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories as make

pytestmark = pytest.mark.django_db


def test_it_shows_a_cursor_within_a_cursor_in_words(auditor: Client) -> None:
    run = make.run(cursor_after={"created": {"since": "monday", "page": None}, "voided": {"since": None}})
    text = auditor.get(reverse("admin:syncjobs_flowrun_change", args=[run.pk])).content.decode()
    assert ("created since: monday" in text, "None" in text, "voided" in text) == (True, False, False)


def test_it_shows_counts_and_cursors_of_a_run(auditor: Client) -> None:
    run = make.run(counts={"seen": 12, "new": 3}, cursor_before={"since": "monday"}, cursor_after={"since": "tuesday"})
    text = auditor.get(reverse("admin:syncjobs_flowrun_change", args=[run.pk])).content.decode()
    assert "12 seen, 3 new" in text
    assert "since: monday" in text
    assert "since: tuesday" in text
