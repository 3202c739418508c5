"""The dress of forms: Django's own form rendering with Tabler's markup.

`{{ form }}` and `{{ form.field.as_field_group }}` are all a template needs: label above, control, hint and error beneath.
"""

from django.forms.renderers import TemplatesSetting


class TablerRenderer(TemplatesSetting):
    form_template_name = "ui/form/form.html"
    field_template_name = "ui/form/field.html"
