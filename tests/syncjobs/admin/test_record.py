from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit import trail
from audit.actions import Action
from audit.models import AuditEntry
from syncjobs.models import State, SyncRecord
from tests import factories as make

pytestmark = pytest.mark.django_db
LIST = reverse("admin:syncjobs_syncrecord_changelist")


def page(record: SyncRecord, name: str = "change") -> str:
    return reverse(f"admin:syncjobs_syncrecord_{name}", args=[record.pk])


def listed(client: Client, **query: Any) -> list[SyncRecord]:
    return list(client.get(LIST, query).context["cl"].result_list)


@pytest.mark.parametrize(
    "term", ["SO/000214", "000214", "so/000214", "NAT-1", "TARGET-9", " 000214 ", "TARGET", "SO/0002"]
)
def test_it_finds_a_record_by_any_key_of_either_side(auditor: Client, term: str) -> None:
    flow = make.flow()
    match = make.record(flow=flow, source_key="SO/000214", natural_key="NAT-1", target_key="TARGET-9")
    make.record(flow=flow, source_key="SO/000999", natural_key="NAT-2", target_key="OTHER")
    assert listed(auditor, q=term) == [match]


def test_it_prefers_the_exact_key_to_keys_that_begin_with_it(auditor: Client) -> None:
    flow = make.flow()
    match = make.record(flow=flow, source_key="21")
    make.record(flow=flow, source_key="214")
    assert listed(auditor, q="21") == [match]


def test_it_says_when_nothing_is_found(auditor: Client) -> None:
    assert "No results found" in auditor.get(LIST, {"q": "nothing"}).content.decode()


def test_it_filters_by_state_flow_customer_and_kind(auditor: Client) -> None:
    first, second = make.flow(), make.flow()
    failed = make.record(flow=first, state=State.ATTENTION, error_class="MappingError")
    make.record(flow=first)
    rejected = make.record(flow=second, state=State.ATTENTION, error_class="Rejected")
    assert listed(auditor, state="attention", flow=first.pk) == [failed]
    assert listed(auditor, customer=second.integration.customer_id) == [rejected]
    assert listed(auditor, error="MappingError") == [failed]
    assert listed(auditor, state="open") == [rejected, failed]


@pytest.mark.parametrize("key", ["99999999999999999999", "9223372036854775808", "²", "abc"])
def test_a_filter_by_what_is_no_key_shows_everything(auditor: Client, key: str) -> None:
    record = make.record()
    assert listed(auditor, flow=key) == listed(auditor, customer=key) == [record]


def test_it_asks_the_database_as_often_for_one_row_as_for_fifty(
    auditor: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    flow = make.flow()
    make.record(flow=flow)
    auditor.get(LIST)
    with django_assert_max_num_queries(30) as queries:
        auditor.get(LIST)
    for _ in range(49):
        make.record(flow=flow)
    with django_assert_num_queries(len(queries)):
        assert len(auditor.get(LIST).context["cl"].result_list) == 50


def test_it_neither_counts_all_rows_nor_reads_bodies_for_a_list(
    auditor: Client, django_assert_max_num_queries: Any
) -> None:
    make.record(source_body={"a": 1})
    with django_assert_max_num_queries(30) as queries:
        auditor.get(LIST)
    asked = [query["sql"] for query in queries if "syncjobs_syncrecord" in query["sql"]]
    assert asked
    assert not [sql for sql in asked if "COUNT(" in sql or "source_body" in sql]


def test_it_says_where_a_record_stands_in_plain_words(auditor: Client) -> None:
    record = make.record(state=State.ATTENTION, cause="The carrier is unknown.", next_step="Add it to the table.")
    text = auditor.get(page(record)).content.decode()
    assert "It does not go on by itself" in text
    assert "The carrier is unknown." in text
    assert "Add it to the table." in text


def test_it_shows_everything_that_happened_with_who_did_it(auditor: Client) -> None:
    record = make.record()
    trail.record(Action.COLLECTED, record, actor=trail.Actor("collect"))
    trail.record(Action.CLOSED, record, actor=trail.Actor("eva"), summary="Sold out.")
    events = auditor.get(page(record)).context["timeline"]
    assert [(event.actor, event.summary) for event in events] == [("eva", "Sold out."), ("collect", "")]


def test_it_shows_documents_with_their_digits_to_those_who_may_see_them(support: Client) -> None:
    record = make.record(source_body={"price": Decimal("10.10"), "city": "Kirkland"})
    text = support.get(page(record)).content.decode()
    assert "10.10" in text
    assert "Kirkland" in text


def test_it_shows_no_document_to_others(auditor: Client) -> None:
    details = {"difference": {"shipTo.city": ["Oslo-before", "Bergen-after"]}}
    record = make.record(
        state=State.CONFLICT, details=details, source_body={"city": "Planted"}, sent_body={"city": "Planted"}
    )
    text = auditor.get(page(record)).content.decode()
    assert "Planted" not in text
    assert "Oslo-before" not in text
    assert "shipTo.city" in text


def test_it_shows_what_a_comparing_flow_found_once_and_in_words(support: Client) -> None:
    current = {"differences": {"cancelled": "True instead of False", "shipTo.city": "'KÖLN' instead of 'OSLO'"}}
    details = {"current": current, "difference": {"cancelled": [None, True], "shipTo.name": [None, "ANNA"]}}
    record = make.record(flow=make.flow("order_changes"), state=State.CONFLICT, details=details)
    response = support.get(page(record))
    assert response.context["differences"] == [("cancelled", "no", "yes"), ("shipTo.city", "OSLO", "KÖLN")]
    assert "It was changed there by hand after it was sent." in response.content.decode()


def test_it_shows_the_difference_of_a_conflict(support: Client) -> None:
    details = {"current": {"status": "shipped"}, "difference": {"shipTo.city": ["Oslo", "Bergen"]}}
    context = support.get(page(make.record(state=State.CONFLICT, details=details))).context
    assert context["differences"] == [("shipTo.city", "Oslo", "Bergen")]
    assert context["current"] == [("status", "shipped")]


def test_it_links_only_web_addresses(auditor: Client) -> None:
    make.record(target_key="X1", target_url="javascript:alert(1)")
    assert "javascript:" not in auditor.get(LIST).content.decode()


def test_it_does_not_link_a_script_from_a_records_page(auditor: Client) -> None:
    record = make.record(target_key="X1", target_url="javascript:alert(1)")
    assert 'href="javascript:' not in auditor.get(page(record)).content.decode()


def test_it_escapes_what_came_from_outside(auditor: Client) -> None:
    record = make.record(source_label="<script>alert(1)</script>", cause="<b>bold</b>")
    for url in (LIST, page(record)):
        text = auditor.get(url).content.decode()
        assert "<script>alert(1)" not in text
        assert "<b>bold" not in text


def test_it_replays_one(support: Client) -> None:
    record = make.record(state=State.ATTENTION)
    support.post(page(record, "replay"))
    record.refresh_from_db()
    assert record.state == State.DUE
    assert AuditEntry.objects.get(action="record.replayed").actor == "support"


def test_it_leaves_a_record_in_flight_alone_and_says_so(support: Client) -> None:
    record = make.record(state=State.UNKNOWN)
    text = support.post(page(record, "replay"), follow=True).content.decode()
    assert "its outcome is unknown" in text
    assert SyncRecord.objects.get().state == State.UNKNOWN


def test_it_closes_with_a_reason_and_reopens(support: Client) -> None:
    record = make.record(state=State.ATTENTION)
    support.post(page(record, "close"), {"reason": "Sold out."})
    record.refresh_from_db()
    assert (record.state, record.cause) == (State.CLOSED, "Closed by support: Sold out.")
    support.post(page(record, "reopen"))
    assert SyncRecord.objects.get().state == State.DUE


@pytest.mark.parametrize("reason", ["", "   "])
def test_it_does_not_close_without_a_reason(support: Client, reason: str) -> None:
    record = make.record(state=State.ATTENTION)
    assert support.post(page(record, "close"), {"reason": reason}).status_code == 200
    assert SyncRecord.objects.get().state == State.ATTENTION


def test_it_shows_what_an_edit_will_change_before_it_is_sent(support: Client) -> None:
    record = make.record(state=State.ATTENTION, sent_body={"city": "Oslo", "total": Decimal("10.10")})
    response = support.post(page(record, "edit"), {"payload": '{"city": "Bergen", "total": 10.10}'})
    assert response.context["changes"] == [("city", ["Oslo", "Bergen"])]
    assert SyncRecord.objects.get().edited_body is None


def test_it_sends_an_edit_with_its_digits(support: Client) -> None:
    record = make.record(state=State.ATTENTION, sent_body={"total": Decimal("10.10")})
    support.post(page(record, "edit"), {"payload": '{"total": 12.50}', "send": "1"})
    record.refresh_from_db()
    assert (record.state, str(record.edited_body["total"])) == (State.DUE, "12.50")
    assert AuditEntry.objects.get(action="record.edited").summary == "Fields sent differently: total."


@pytest.mark.parametrize("payload", ["", "[]", '"text"', '{"a": }', "{'a': 1}", '{"a": NaN}'])
def test_it_refuses_an_edit_that_is_no_json_object(support: Client, payload: str) -> None:
    record = make.record(state=State.ATTENTION)
    response = support.post(page(record, "edit"), {"payload": payload, "send": "1"})
    assert response.context["form"].errors["payload"]
    assert SyncRecord.objects.get().state == State.ATTENTION


def test_it_starts_an_edit_with_what_the_mapping_makes(support: Client) -> None:
    from syncjobs import samples

    _, sample = samples.sample_of("acumatica.orders")
    record = make.record(state=State.ATTENTION, source_body=sample)
    assert '"orderNumber": "000214"' in support.get(page(record, "edit")).context["form"].initial["payload"]


def test_it_replays_many_and_counts_them(support: Client) -> None:
    flow = make.flow()
    records = [make.record(flow=flow, state=State.ATTENTION) for _ in range(3)]
    busy = make.record(flow=flow, state=State.SENDING)
    data = {"action": "replay_many", "_selected_action": [record.pk for record in [*records, busy]]}
    assert "3 replayed." in support.post(LIST, data, follow=True).content.decode()


def test_it_asks_for_a_reason_before_it_closes_many(support: Client) -> None:
    flow = make.flow()
    records = [make.record(flow=flow, state=State.ATTENTION) for _ in range(2)]
    data: dict[str, Any] = {"action": "close_many", "_selected_action": [record.pk for record in records]}
    assert "reason" in support.post(LIST, data).content.decode()
    assert not SyncRecord.objects.filter(state=State.CLOSED).exists()
    support.post(LIST, data | {"reason": "Sold out."})
    assert SyncRecord.objects.filter(state=State.CLOSED).count() == 2


def test_it_replays_what_a_filter_shows_as_far_as_it_is_stuck(support: Client) -> None:
    flow, second_flow = make.flow(), make.flow()
    make.record(flow=flow, state=State.ATTENTION)
    make.record(flow=flow, state=State.SYNCED)
    make.record(flow=second_flow, state=State.ATTENTION)
    url = reverse("admin:syncjobs_syncrecord_replay_shown")
    assert "1 replayed." in support.post(f"{url}?flow={flow.pk}", follow=True).content.decode()


def test_it_links_the_records_of_one_business_document(auditor: Client) -> None:
    integration = make.integration()
    first = make.record(flow=make.flow("orders", integration=integration), source_key="SO/1", natural_key="1")
    second = make.record(flow=make.flow("cancellations", integration=integration), source_key="SO/1", natural_key="1")
    assert page(second) in auditor.get(page(first)).content.decode()
