"""Fields and controls that are written in Python stand as Django's templates would have them."""

import re
from datetime import date, datetime, time

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from sanbao.ui.form_dress import TablerRenderer

ONE_AND_TWO = [(1, "o'ne"), (2, "<two>")]


class AllKinds(forms.Form):
    line = forms.CharField(label='A < "b"', help_text='see <a href="/">there</a>')
    words = forms.CharField(widget=forms.Textarea, required=False, initial="<x>'\n&")
    choice = forms.ChoiceField(
        choices=[("", "—"), (1, "<one>"), ("group", [(2, "two"), ("3'", _("Save"))]), (4, 5)], initial=2
    )
    ticks = forms.MultipleChoiceField(
        choices=ONE_AND_TWO, widget=forms.CheckboxSelectMultiple, initial=[2], help_text="any"
    )
    one = forms.ChoiceField(choices=ONE_AND_TWO, widget=forms.RadioSelect)
    several = forms.MultipleChoiceField(choices=ONE_AND_TWO, initial=[2, 1])
    ticked = forms.BooleanField(initial=True)
    empty = forms.BooleanField(required=False)
    either = forms.NullBooleanField()
    file = forms.FileField()
    moment = forms.DateTimeField(initial=datetime(2026, 1, 1, 3, 4))
    day = forms.DateField(initial=date(2026, 1, 1))
    hour = forms.TimeField(initial=time(3, 4))
    number = forms.IntegerField(initial=3, min_value=1, max_value=12345)
    share = forms.DecimalField(initial="3.20", max_digits=5, decimal_places=2)
    hidden = forms.CharField(widget=forms.HiddenInput, initial='x"')
    mail = forms.EmailField(disabled=True, initial="a@b")
    address = forms.URLField(assume_scheme="https")
    secret = forms.CharField(widget=forms.PasswordInput)


TYPED = {
    "line": "", "words": "<&>", "choice": "3'", "ticks": ["1", "x"], "one": "2", "ticked": "on", "moment": "no", "number": "99999999",
    "hidden": "z", "several": ["1"], "either": "true",
}  # fmt: skip


def _plain(html: object) -> str:
    """Without the spaces between tags, of which Django's templates leave more."""
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", str(html)))


@pytest.mark.parametrize("typed", [None, {}, TYPED], ids=["not sent", "sent empty", "sent with errors"])
@pytest.mark.parametrize("name", AllKinds.base_fields)
def test_a_control_is_written_as_django_writes_it(name: str, typed: dict[str, object] | None) -> None:
    ours, djangos = (AllKinds(typed, renderer=each)[name] for each in (TablerRenderer(), TemplatesSetting()))
    more = {"class": "q", "data-yes": True, "data-no": False}
    assert _plain(ours.as_widget()) == _plain(djangos.as_widget())
    assert _plain(ours.as_widget(attrs=more)) == _plain(djangos.as_widget(attrs=more))
    assert _plain("".join(map(str, ours))) == _plain("".join(map(str, djangos)))


def test_a_field_has_its_label_its_hint_and_what_is_wrong_with_it() -> None:
    line = AllKinds({}, renderer=TablerRenderer())["line"].as_field_group()
    assert '<label class="form-label" for="id_line">A &lt; &quot;b&quot;<span class="form-required"' in line
    assert 'aria-describedby="id_line_helptext id_line_error"' in line
    assert '<span class="form-hint" id="id_line_helptext">see <a href="/">there</a></span>' in line
    assert '<ul class="form-error" id="id_line_error"><li>' in line


def test_a_group_of_choices_is_a_fieldset_that_says_what_it_is_about() -> None:
    group = AllKinds(renderer=TablerRenderer())["ticks"].as_field_group()
    assert group.startswith(
        '<fieldset class="form-field" aria-describedby="id_ticks_helptext"><legend>Ticks<'
    )
    ticked = re.search(r'<label class="form-check"><input ([^>]*)> ', group.partition("</label>")[2])
    assert ticked is not None
    assert {'value="2"', 'class="form-check-input"', "checked"} <= set(ticked[1].split())
    assert '<span class="form-check-label">&lt;two&gt;</span>' in group


def test_what_is_wrong_with_a_form_as_a_whole_is_an_alert() -> None:
    class Any(forms.Form):
        def clean(self) -> None:
            raise forms.ValidationError("两项 <不> 相符")

    told = str(Any({}).non_field_errors())
    assert 'class="alert alert-danger" role="alert"' in told
    assert "两项 &lt;不&gt; 相符" in told
    assert str(Any().non_field_errors()) == ""


def test_an_empty_choice_is_a_dash_and_what_is_missing_is_said_in_plain_chinese() -> None:
    class Any(forms.Form):
        name = forms.CharField()
        mail = forms.EmailField()
        one = forms.TypedChoiceField(choices=[("", "---------"), ("a", "甲")])

    with translation.override("zh-hans"):
        form = Any({"mail": "x@"})
        assert form.errors["name"] == ["此项必填。"]
        assert form.errors["mail"] == ["请填写正确的电子邮箱，如 name@example.com。"]
    assert '<option value="" selected>—</option>' in str(form["one"])
