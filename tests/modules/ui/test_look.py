"""The look: nothing inline, every word translated, forms and explanations in their dress."""

import ast
import re
from pathlib import Path

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

import sanbao.ui
from sanbao.ui import views
from sanbao.ui.why import Why, WhySentence, answer_why

UI = Path(sanbao.ui.__file__).parent
TEMPLATES = sorted((UI / "templates").rglob("*.html"))
WHY = Why(
    answer="¥ 7,297.20",
    sentences=(
        WhySentence(
            "8,108.00 × 90% = 7,297.20", "KA-11.1", "Later they settle at 90 %.", "After-sales regulation"
        ),
    ),
    edition="settlement 2012.1",
    edition_url="/rules/settlement/",
    decision_url="/decisions/1/",
    replay_url="/decisions/1/replay/",
)


def drawn(source, **context):
    """A template as the settings compile it; components written as Cotton's tags."""
    return Template(source).render(Context(context))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_compiles_and_holds_no_inline_script_or_style(path):
    get_template(str(path.relative_to(UI / "templates")))
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|https?://", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


def test_every_word_of_the_look_has_its_chinese():
    catalogue = (UI / "locale/zh_Hans/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    known = {ast.literal_eval(found) for found in re.findall(r'^msgid(?:_plural)? (".*")$', catalogue, re.M)}
    used = {
        (found[0] or found[1])
        for path in TEMPLATES
        for found in re.findall(r'{% trans "(.*?)" %}|_\("(.*?)"\)', path.read_text(encoding="utf-8"))
    }
    for path in UI.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("_", "gettext_lazy")
            ):
                used.add(ast.literal_eval(node.args[0]))
    assert used - known == set()
    assert 'msgstr ""' not in catalogue.split("\n\n", 1)[1]


def test_a_why_unfolds_without_a_script_to_the_clause_and_its_text():
    html = drawn('{% cotton why :why="why" /%}', why=WHY)
    assert html.startswith("<details") and "<summary>" in html
    for said in (
        "¥ 7,297.20",
        "8,108.00 × 90%",
        "KA-11.1",
        "Later they settle at 90 %.",
        "After-sales regulation",
    ):
        assert said in html
    assert 'href="/rules/settlement/"' in html
    assert 'action="/decisions/1/replay/"' in html


def test_a_why_fetched_later_is_a_link_without_a_script():
    html = drawn('{% cotton why url="/why/1/" /%}', why=WHY)
    assert '<a href="/why/1/">' in html
    assert 'hx-get="/why/1/"' in html
    assert "7,297.20" not in html


def test_a_why_that_is_hostile_is_escaped():
    html = drawn(
        '{% cotton why :why="why" block /%}', why=Why("<b>", (WhySentence("<script>", "<i>", "<u>"),))
    )
    assert not re.search("<b>|<script>|<i>|<u>", html)


def test_htmx_gets_the_panel_and_everybody_else_a_page(rf):
    request = rf.get("/why/")
    request.htmx = True
    assert b"<html" not in answer_why(request, WHY).content


def test_a_components_defaults_keep_the_pages_variables_out():
    assert "PAGE" not in drawn("{% cotton card %}x{% endcotton %}", title="PAGE", note="PAGE", actions="PAGE")


def test_a_form_wears_labels_hints_and_errors_beside_its_fields():
    class Report(forms.Form):
        outlet = forms.CharField(help_text="Name or number.")
        way = forms.ChoiceField(widget=forms.RadioSelect, choices=[("paper", "On paper")])
        sure = forms.BooleanField()
        file = forms.FileField()

    html = str(Report({}))
    assert 'class="form-control is-invalid"' in html
    assert re.search(r'<span class="form-hint" id="id_outlet_helptext">', html)
    assert re.search(r'aria-describedby="[^"]*id_outlet_error[^"]*"', html) and 'id="id_outlet_error"' in html
    assert html.count("form-check-input") == 2
    assert "<fieldset" in html and "<legend>" in html
    assert "dropzone" in html


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_error_page_says_what_to_do_in_both_languages(status, language):
    with translation.override(language):
        html = render_to_string(f"{status}.html", {})
    assert str(status) in html
    assert ("请" in html or "数据" in html) == (language == "zh-hans")


def test_a_theme_is_kept_in_a_cookie_and_leads_back_only_to_this_site():
    request = RequestFactory().post("/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})
    response = views.theme(request)
    assert response.status_code == 303
    assert response.headers["Location"] == "/"
    assert response.cookies["theme"].value == "dark"
    assert "theme" not in views.theme(RequestFactory().post("/theme/", {"theme": "<b>"})).cookies
