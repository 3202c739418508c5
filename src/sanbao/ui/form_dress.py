"""The dress of forms: Django's own form rendering with Tabler's markup.

`{{ form }}` and `{{ form.field.as_field_group }}` are all a template needs: label above, control, hint and error beneath.

Fields and the plain controls are written here rather than by templates, because a page has dozens of them and a menu hundreds of
options: Django's templates take thirty microseconds for an option, this takes two.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.forms import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sanbao.ui.cells import dropzone, escaped, icon

Context = dict[str, Any]


class TablerRenderer(TemplatesSetting):
    form_template_name = "ui/form/form.html"
    field_template_name = "a field, written below"

    def render(self, template_name: str, context: Context, request: Any = None) -> str:
        write = _WRITTEN.get(template_name)
        return write(context) if write else str(super().render(template_name, context, request))


def dressed(field: BoundField) -> SafeString:
    """The field's control in Tabler's clothes, marked when it has an error."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        dress = "form-check-input"
    else:
        dress = "form-select" if isinstance(widget, Select) else "form-control"
    classes = [dress, widget.attrs.get("class", ""), "is-invalid" if field.errors else ""]
    return field.as_widget(attrs={"class": " ".join(filter(None, classes))})


def _field(context: Context) -> str:
    """A field with all that belongs to it: a group of choices is a fieldset, a tick stands before its words."""
    field: BoundField = context["field"]
    widget, label, described = field.field.widget, escaped(field.label), ""
    in_group = isinstance(widget, CheckboxSelectMultiple | RadioSelect)
    mark = '<span class="form-required" aria-hidden="true">*</span>' if field.field.required else ""
    if in_group or field.use_fieldset:
        described = f' aria-describedby="{escaped(by)}"' if (by := field.aria_describedby) else ""
        inside = f"<legend>{label}{mark}</legend>{_choices(field) if in_group else dressed(field)}"
    elif isinstance(widget, CheckboxInput):
        inside = f'<label class="form-check">{dressed(field)} <span class="form-check-label">{label}</span></label>'
    else:
        control = dropzone(field) if isinstance(widget, FileInput) else dressed(field)
        inside = f'<label class="form-label" for="{field.id_for_label}">{label}{mark}</label>\n{control}'
    tag = "fieldset" if in_group or field.use_fieldset else "div"
    return f'<{tag} class="form-field"{described}>{inside}{_beneath(field)}</{tag}>'


def _choices(field: BoundField) -> str:
    """The choices of a group one by one, each control in Tabler's clothes."""
    field.field.widget.attrs.setdefault("class", "form-check-input")
    each = [
        f'<label class="form-check">{choice.tag()} <span class="form-check-label">{escaped(choice.choice_label)}</span></label>'
        for choice in field.subwidgets
    ]
    return f'<div class="form-choices">{"".join(each)}</div>'


def _beneath(field: BoundField) -> str:
    """The hint, which may hold links, and what is wrong."""
    told = ""
    if field.help_text:
        told = f'<span class="form-hint" id="{field.auto_id}_helptext">{field.help_text}</span>'
    if errors := field.errors:
        lines = "".join(f"<li>{escaped(error)}</li>" for error in errors)
        told += f'<ul class="form-error" id="{field.auto_id}_error">{lines}</ul>'
    return told


# The controls, as Django's templates of these names write them.


def _attributes(widget: Context) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{escaped(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(context: Context) -> str:
    widget = context["widget"]
    value = "" if widget["value"] is None else f' value="{escaped(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{escaped(widget["name"])}"{value}{_attributes(widget)}>'


def _option(context: Context) -> str:
    """One of a group: bare where the template writes its words itself."""
    widget, control = context["widget"], _input(context)
    if not widget["wrap_label"]:
        return control
    return (
        f'<label for="{escaped(widget["attrs"].get("id", ""))}">{control} {escaped(widget["label"])}</label>'
    )


def _textarea(context: Context) -> str:
    widget = context["widget"]
    return f'<textarea name="{escaped(widget["name"])}"{_attributes(widget)}>\n{escaped(widget["value"] or "")}</textarea>'


def _select(context: Context) -> str:
    widget = context["widget"]
    groups = "".join(
        f'\n<optgroup label="{escaped(name)}">{_options(options)}\n</optgroup>' if name else _options(options)
        for name, options, _index in widget["optgroups"]
    )
    return f'<select name="{escaped(widget["name"])}"{_attributes(widget)}>{groups}\n</select>'


def _options(options: Iterable[Context]) -> str:
    return "".join(
        f'\n<option value="{escaped(option["value"])}"{_attributes(option)}>{escaped(option["label"] if option["label"] != _DASHES else "—")}</option>'
        for option in options
    )


def _errors(context: Context) -> str:
    """What is wrong with a form as a whole is an alert, wherever its template puts it; fields write theirs beneath themselves."""
    lines = "<br>".join(escaped(error) for error in context["errors"])
    if not lines or "nonfield" not in context["error_class"]:
        items = "".join(f"<li>{escaped(error)}</li>" for error in context["errors"])
        return f'<ul class="{escaped(context["error_class"])}">{items}</ul>' if items else ""
    sign = icon("alert-circle", _("Error"))
    return f'<div class="alert alert-danger" role="alert"><div class="alert-icon">{sign}</div><div>{lines}</div></div>'


_DASHES = "-" * 9  # Django's own empty choice


_INPUTS = ("input", "text", "number", "email", "url", "tel", "search", "color", "password", "hidden", "date", "datetime", "time", "checkbox", "file")  # fmt: skip
_WRITTEN: dict[str, Callable[[Context], str]] = {
    TablerRenderer.field_template_name: _field,
    "django/forms/widgets/radio_option.html": _option,
    "django/forms/widgets/checkbox_option.html": _option,
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
    "django/forms/errors/list/default.html": _errors,
} | {f"django/forms/widgets/{name}.html": _input for name in _INPUTS}
