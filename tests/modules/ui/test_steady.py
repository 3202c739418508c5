"""What a template says in one language is rendered once for it, and only that (performance.md)."""

import pytest
from django.template import Context, Engine, NodeList
from django.utils.translation import override

from sanbao.ui.steady import Steady, settle

BUILTINS = [
    "django.templatetags.i18n", "django.templatetags.static", "sanbao.ui.templatetags.sanbao", "template_partials.templatetags.partials",
]  # fmt: skip


def _settled(source: str):
    template = Engine(builtins=BUILTINS).from_string(source)
    settle(template.nodelist)
    return template


def _steady(nodes: NodeList) -> list[Steady]:
    return [node for node in nodes if isinstance(node, Steady)]


def test_words_icons_and_files_become_one_node_and_say_the_same_in_each_language() -> None:
    source = '<p>{% trans "Search" %} {% icon "x" %} <img src="{% static "ui/icon.svg" %}"></p>'
    template, plain = _settled(source), Engine(builtins=BUILTINS).from_string(source)

    assert [type(node) for node in template.nodelist] == [Steady]
    for language in ("zh-hans", "en", "zh-hans", "en"):
        with override(language):
            assert template.render(Context()) == plain.render(Context())
    assert len(template.nodelist[0].made) == 2


@pytest.mark.parametrize(
    "source",
    [
        "{{ said }}",
        "{% trans said %}",
        '{% trans "Search" as kept %}',
        '{% trans "Search"|add:said %}',
        "{% icon said %}",
        '{% icon "x" as kept %}',
        '{% url "search" %}',
        "{% badge said %}",
        "{% if said %}x{% endif %}",
        "{% static said %}",
    ],
)
def test_what_depends_on_anything_else_stays_as_it_is(source: str) -> None:
    assert not _steady(_settled(f"<b>{source}</b>").nodelist)


def test_inside_what_depends_on_something_the_rest_is_steady() -> None:
    template = _settled('{% if yes %}{% for each in yes %}{% trans "Search" %}{{ each }}{% endfor %}{% else %}{% trans "Close" %}{% endif %}')  # fmt: skip
    with override("en"):
        assert [template.render(Context({"yes": yes})) for yes in ("ab", "")] == ["SearchaSearchb", "Close"]
    (_true, taken), (_false, other) = template.nodelist[0].conditions_nodelists
    assert len(_steady(taken[0].nodelist_loop)) == len(_steady(other)) == 1


def test_pages_are_loaded_settled() -> None:
    from django.template import engines

    foot = engines["django"].engine.get_template("ui/palette.html")
    assert _steady(foot.nodelist)
