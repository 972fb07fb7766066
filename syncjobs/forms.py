"""Forms of the console for integrations, flows, mappings and records."""

from __future__ import annotations

from typing import Any

from cronsim import CronSim, CronSimError
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from connections import exact_json
from connections.vendor import Body
from syncjobs import samples
from syncjobs.configure import recipe_row
from syncjobs.models import FieldMapping, Flow, ValueMap
from syncjobs.recipe import Map
from syncjobs.reports import Period

CUSTOM = "custom"
SCHEDULES = [
    ("60", "every minute"),
    ("300", "every 5 minutes"),
    ("900", "every 15 minutes"),
    ("3600", "hourly"),
    ("86400", "daily"),
    (CUSTOM, "another, entered below"),
]
SHORTEST, LONGEST = 60, 31 * 86_400


def schedule_in_words(schedule: str) -> str:
    """How a flow's schedule reads."""
    labels = dict(SCHEDULES)
    if schedule in labels:
        return labels[schedule]
    return f"every {int(schedule):,} seconds" if schedule.isdigit() else f"at {schedule}"


def clean_schedule(text: str) -> str:
    """Seconds or a cron line, checked. Raises `ValidationError`."""
    text = " ".join(text.split())
    if text.isdigit():
        if not SHORTEST <= int(text) <= LONGEST:
            raise ValidationError("Enter from 60 seconds (the clock ticks once a minute) to 31 days.")
        return str(int(text))
    try:
        if len(text.split(" ")) != 5:
            raise CronSimError("five parts are needed")
        next(CronSim(text, timezone.localtime()))
    except (CronSimError, StopIteration):
        raise ValidationError("Enter seconds, or a cron line of five parts such as “0 6 * * 1-5”.") from None
    if len(text) > 60:
        raise ValidationError("This is too long for a schedule.")
    return text


class ScheduleWidget(forms.MultiWidget):
    def __init__(self) -> None:
        super().__init__(
            {
                "choice": UnfoldAdminSelectWidget(choices=SCHEDULES),
                "text": UnfoldAdminTextInputWidget(
                    {"placeholder": "seconds, or 0 6 * * 1-5", "aria-label": "schedule"}
                ),
            }
        )

    def decompress(self, value: Any) -> list[str]:
        text = str(value or "")
        return [text, ""] if text in dict(SCHEDULES) else [CUSTOM, text]


class ScheduleField(forms.MultiValueField):
    """One of the usual schedules, or any other as text. What the flow has already stays as it is."""

    widget = ScheduleWidget
    kept = ""

    def __init__(self, **options: Any) -> None:
        options.pop("max_length", None)
        fields = (forms.ChoiceField(choices=SCHEDULES), forms.CharField(required=False))
        super().__init__(fields=fields, require_all_fields=False, **options)

    def compress(self, data_list: list[Any]) -> str:
        choice, text = (*data_list, "", "")[:2]
        if text and choice == CUSTOM:
            return str(text) if text == self.kept else clean_schedule(text)
        if choice == CUSTOM:
            raise ValidationError("Enter the schedule.")
        return str(choice)


class FlowForm(forms.ModelForm[Flow]):
    schedule = ScheduleField(
        help_text="A number is seconds from run to run. Cron lines are read in the time zone of this console."
    )

    class Meta:
        model = Flow
        fields = ["enabled", "schedule", "filter", "look_back_days"]
        widgets = {"filter": UnfoldAdminTextareaWidget({"rows": 3, "class": "c-code", "spellcheck": "false"})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        schedule = self.fields.get("schedule")
        if isinstance(schedule, ScheduleField):
            schedule.kept = self.instance.schedule

    def clean_filter(self) -> str:
        text = str(self.cleaned_data.get("filter") or "").strip()
        if text and text != self.instance.filter and (problem := samples.try_filter(self.instance, text)):
            raise ValidationError(problem)
        return text


class DefaultField(forms.JSONField):
    """What a row sends where its expression gives nothing. Fractions are refused: this column would make them floats."""

    def clean(self, value: Any) -> Any:
        default = super().clean(value)
        if isinstance(default, float) or (isinstance(default, list | dict) and "." in str(value)):
            raise ValidationError("Write a fraction in the expression, such as: Price || `1.10`.")
        return default

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class MappingForm(forms.ModelForm[FieldMapping]):
    default = DefaultField(
        required=False,
        help_text='As JSON: "text" in quotes, 5, true.',
        widget=UnfoldAdminTextInputWidget({"class": "c-code c-narrow", "spellcheck": "false"}),
    )

    class Meta:
        model = FieldMapping
        fields = ["target", "source", "default", "when_empty"]
        widgets = {
            "target": UnfoldAdminTextInputWidget({"class": "c-code", "spellcheck": "false"}),
            "source": UnfoldAdminExpandableTextareaWidget({"class": "c-code", "spellcheck": "false", "rows": 1}),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk and recipe_row(self.instance.flow.spec, self.instance.target) is not None:
            # A recipe's row under another name would come back with the next upgrade, beside the renamed one.
            self.fields["target"].disabled = True

    def as_map(self) -> Map:
        row = self.instance
        return Map(row.target, row.source, row.default, row.when_empty)


class MappingFormSet(PaginationInlineFormSet):  # type: ignore[misc]  # unfold has no types
    """Rows of one flow, tried together: lists and their fields need each other."""

    def clean(self) -> None:
        super().clean()
        forms_left = [form for form in self.forms if form.instance.pk is not None or form.has_changed()]
        if any(form.errors for form in forms_left):
            return
        changed = {form.instance.target for form in forms_left if form.has_changed()}
        problems = samples.try_rows(self.instance, [form.as_map() for form in forms_left], changed) if changed else []
        for problem in problems:
            form = next((form for form in forms_left if form.instance.target == problem.target), None)
            if form is None:
                raise ValidationError(f"{problem.target}: {problem.message}")
            wrong_target = "has no field" in problem.message and not form.fields["target"].disabled
            form.add_error("target" if wrong_target else "source", problem.message)


class RewindForm(forms.Form):
    since = forms.SplitDateTimeField(
        label="Read again from", widget=UnfoldAdminSplitDateTimeWidget(), help_text="In the time zone of this console."
    )

    def clean_since(self) -> Any:
        since = self.cleaned_data["since"]
        if since > timezone.now():
            raise ValidationError("This moment has not come yet.")
        return since


class PeriodForm(forms.Form):
    """The calendar dates that a report is asked for. `period` is nothing while they are not valid."""

    since = forms.DateField(
        label="From", input_formats=["%Y-%m-%d"], widget=UnfoldAdminTextInputWidget({"type": "date"})
    )
    until = forms.DateField(label="To", input_formats=["%Y-%m-%d"], widget=UnfoldAdminTextInputWidget({"type": "date"}))

    def clean(self) -> dict[str, Any]:
        dates: dict[str, Any] = super().clean() or {}
        if {"since", "until"} <= dates.keys() and dates["since"] > dates["until"]:
            self.add_error("until", "The period ends before it begins.")
        return dates

    @property
    def period(self) -> Period | None:
        return Period(self.cleaned_data["since"], self.cleaned_data["until"]) if self.is_valid() else None


class CloseForm(forms.Form):
    reason = forms.CharField(
        max_length=1000,
        widget=UnfoldAdminTextareaWidget({"rows": 3, "autofocus": True}),
        help_text="Kept with your name. Somebody who asks in a year reads this sentence.",
    )


class PayloadForm(forms.Form):
    """A payload as exact JSON: a number leaves with the digits that it was written with."""

    payload = forms.CharField(
        label="What to send",
        strip=False,
        widget=UnfoldAdminTextareaWidget({"rows": 24, "class": "c-code", "spellcheck": "false"}),
    )

    def clean_payload(self) -> Body:
        text = self.cleaned_data["payload"]
        try:
            payload = exact_json.loads(text)
        except exact_json.DecodeError as error:
            raise ValidationError(f"This is not JSON: {_with_line(str(error), text)}") from None
        if not isinstance(payload, dict):
            raise ValidationError("This must be one JSON object: it begins with { and ends with }.")
        return payload


class ValueMapForm(forms.ModelForm[ValueMap]):
    class Meta:
        model = ValueMap
        fields = ["integration", "name", "fallback"]


def _with_line(message: str, text: str) -> str:
    """The decoder's message, with a line instead of a byte position."""
    words, _, position = message.partition("(byte ")
    if not position.rstrip(")").isdigit():
        return message
    line = text.encode()[: int(position.rstrip(")"))].count(b"\n") + 1
    return f"{words.strip()} (line {line})"
