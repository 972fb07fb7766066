from __future__ import annotations

import dataclasses

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from syncjobs.engine.compiled import Subject, compile_flow, filter_batch, map_batch
from syncjobs.mapping.expressions import MappingError
from syncjobs.mapping.functions import LinkMissing
from syncjobs.models import FieldMapping, Flow, ValueMapRow
from tests.syncjobs.conftest import Lab
from tests.syncjobs.engine.fakes import thing


def subjects(count: int, **body: object) -> list[Subject]:
    return [Subject({"name": f"N{number}", "total": 1, **body}, str(number)) for number in range(count)]


def test_a_compiled_flow_does_not_change(lab: Lab) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        compile_flow(lab.flow).version = "other"  # type: ignore[misc]


def test_a_row_that_does_not_compile_is_named(lab: Lab) -> None:
    FieldMapping.objects.filter(flow=lab.flow, target="total").update(source="total ||")
    with pytest.raises(MappingError) as error:
        compile_flow(lab.flow)
    assert error.value.target == "total"


def test_its_version_follows_rows_and_value_maps(lab: Lab) -> None:
    first = compile_flow(lab.flow).version
    assert compile_flow(lab.flow).version == first
    ValueMapRow.objects.update(value="other")
    assert compile_flow(lab.flow).version != first


def test_one_bad_document_does_not_spoil_the_batch(lab: Lab) -> None:
    batch = [*subjects(2), Subject({"name": ""}, "bad")]
    payloads = map_batch(compile_flow(lab.flow), batch)
    assert [type(payload) for payload in payloads] == [dict, dict, MappingError]


def test_links_of_a_batch_are_read_at_once(lab: Lab) -> None:
    lab.shelf.add(*[thing(str(number)) for number in range(4)])
    lab.poll()
    compiled = compile_flow(lab.flow)
    batch = [Subject({"name": "child", "parent": str(number)}, f"c{number}") for number in range(4)]
    with CaptureQueriesContext(connection) as queries:
        payloads = map_batch(compiled, batch)
    assert [payload["link"] for payload in payloads if isinstance(payload, dict)] == [f"T-N{n}" for n in range(4)]
    assert len(queries) == 1


def test_a_link_that_is_not_there_is_told_apart(lab: Lab) -> None:
    (missing,) = map_batch(compile_flow(lab.flow), [Subject({"name": "child", "parent": "nowhere"}, "c")])
    assert isinstance(missing, LinkMissing)


def test_a_flow_without_a_filter_lets_everything_pass(lab: Lab) -> None:
    assert filter_batch(compile_flow(lab.flow), subjects(2)) == [True, True]


def test_a_filter_is_true_or_false_whatever_it_gives(lab: Lab) -> None:
    Flow.objects.filter(pk=lab.flow.pk).update(filter="held")
    compiled = compile_flow(lab.flow)
    assert filter_batch(compiled, [*subjects(1), *subjects(1, held="yes")]) == [False, True]
