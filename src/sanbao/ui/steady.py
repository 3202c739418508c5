"""What of a template depends on the reader's language alone is rendered once for each language.

Half of a page's tags are words and icons that never change. As a template is loaded, each run of them, with the text around, becomes one
node that keeps what it was: a page then goes round a third of the nodes. What depends on anything else, a variable or a filter above all,
stays as it is.
"""

from collections.abc import Callable
from threading import RLock
from typing import Any

from django.template import Context, Node, NodeList, Template
from django.template.base import FilterExpression, TextNode, Variable
from django.template.defaulttags import CommentNode, IfNode, LoadNode
from django.template.library import SimpleNode
from django.template.loaders import cached
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from sanbao.ui import cells
from sanbao.ui.version import version


def _is_fixed(expression: Any) -> bool:
    """Whether a tag's argument is a text in the template, and not a variable or anything done to one."""
    return isinstance(expression, FilterExpression) and not expression.is_var and not expression.filters


def _is_said(expression: FilterExpression) -> bool:
    """The same for the words of `trans`, which keeps them as a variable that is a literal."""
    return (
        isinstance(expression.var, Variable) and expression.var.literal is not None and not expression.filters
    )


# By kind of node: whether it is steady. A kind that is not here is not.
_STEADY: dict[type, Callable[[Any], bool]] = {
    TextNode: lambda node: True,
    LoadNode: lambda node: True,
    CommentNode: lambda node: True,
    TranslateNode: lambda node: (
        not node.asvar and node.message_context is None and _is_said(node.filter_expression)
    ),
    StaticNode: lambda node: not node.varname and _is_fixed(node.path),
    SimpleNode: lambda node: (
        node.func in (cells.icon, version)
        and not node.target_var
        and all(map(_is_fixed, (*node.args, *node.kwargs.values())))
    ),
}


class Steady(Node):
    """A run of steady nodes."""

    def __init__(self, nodes: list[Node]):
        self.nodelist = NodeList(nodes)
        self.made: dict[tuple[str | None, bool], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        sight = (get_language(), context.autoescape)
        if sight not in self.made:
            self.made[sight] = mark_safe("".join(node.render(context) for node in self.nodelist))  # noqa: S308 — each has escaped itself
        return self.made[sight]


def settle(nodes: NodeList) -> None:
    """Put the runs of steady nodes in the list, and in what the others hold, into nodes of their own."""
    settled: list[Node] = []
    run: list[Node] = []
    for node in [*nodes, None]:
        if node is not None and _STEADY.get(type(node), _never)(node):
            run.append(node)
            continue
        settled += run if all(type(each) is TextNode for each in run) else [Steady(run)]
        run = []
        if node is not None:
            settled.append(node)
            for held in _held_by(node):
                settle(held)
    nodes[:] = settled


def _never(_node: Node) -> bool:
    return False


def _held_by(node: Node) -> list[NodeList]:
    if isinstance(node, IfNode):
        return [held for _condition, held in node.conditions_nodelists]
    found = [getattr(node, name, None) for name in node.child_nodelists]
    return [held for held in found if isinstance(held, NodeList)]


class Loader(cached.Loader):
    """Django's loader that keeps templates, which settles each before anybody renders it."""

    def __init__(self, engine: Any, loaders: Any):
        super().__init__(engine, loaders)
        self._settling = RLock()
        self._settled: set[int] = set()

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template = super().get_template(template_name, skip)
        if id(template) not in self._settled:  # kept for as long as we are, so that no other gets its id
            with self._settling:
                if id(template) not in self._settled:
                    settle(template.nodelist)
                    self._settled.add(id(template))
        return template

    def reset(self) -> None:
        super().reset()
        self._settled.clear()
