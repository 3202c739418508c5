"""The look in a real browser: readable, within its width, without a broken policy, by keyboard, and without a script."""

import re

import pytest
from django.contrib.auth.models import Group
from django.test import override_settings

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]

# Every visible text against the ground it stands on; what lies under 4.5 : 1 (WCAG AA) is answered with its ratio.
PALE_TEXTS = """() => {
  const pen = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, under) => under.map((value, i) => value * (1 - top[3]) + top[i] * top[3]);
  const light = (colour) => {
    const [r, g, b] = colour.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (; element; element = element.parentElement) layers.push(rgba(getComputedStyle(element).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const pale = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, text = texts.currentNode.textContent.trim();
    if (!text || !element.checkVisibility({visibilityProperty: true}) || element.closest("[disabled]")) continue;
    const under = ground(element), ink = over(rgba(getComputedStyle(element).color), under);
    const [a, b] = [light(ink), light(under)].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) pale.push([text.slice(0, 30), ((a + 0.05) / (b + 0.05)).toFixed(2)]);
  }
  return pale;
}"""


@pytest.fixture
def site(live_server):
    Group.objects.bulk_create(Group(name=f"绍兴越城服务部 {number}") for number in range(60))
    with override_settings(ROOT_URLCONF="tests.modules.ui.page_urls"):
        yield live_server.url


@pytest.fixture
def visit(site, browser):
    """Open a page with a window, a colour scheme, with or without scripts; what the console complains of is kept."""
    contexts = []

    def visit(path="/", width=1440, dark=False, scripts=True):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale="zh-CN",
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on(
            "console",
            lambda message: page.complaints.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(site + path)
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("path", ["/components/", "/?q=%01&made_from=x"])
def test_a_page_is_readable_within_its_width_and_its_policy(visit, path, width, dark):
    page = visit(path, width, dark)
    assert page.evaluate("document.documentElement.dataset.bsTheme") == ("dark" if dark else "light")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(PALE_TEXTS) == []
    assert page.complaints == []


def test_a_why_is_opened_read_and_closed_by_keyboard_and_the_table_keeps_its_shape(visit):
    page = visit()
    shape = "document.querySelector('table').getBoundingClientRect().width + 'x' + document.querySelector('tbody').offsetHeight"
    before = page.evaluate(shape)
    page.locator("tbody tr:nth-child(3) details.why summary").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("details.why[open] .why-answer")
    assert page.evaluate(shape) == before
    panel = page.locator("details.why[open] .why-panel")
    assert "KA-11.1" in panel.inner_text()
    box = panel.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 1440 and box["y"] >= 0
    page.keyboard.press("Escape")
    assert page.locator("details.why[open]").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert page.complaints == []


@pytest.mark.parametrize("width", [390, 720, 1024, 1440])
def test_a_box_that_asks_first_never_opens_beyond_the_screen(visit, width):
    """Wherever its button stands: at the end of the head, at the beginning of a row."""
    page = visit("/components/", width)
    page.evaluate("""() => {
      const row = document.createElement("div"); row.className = "tools";
      row.append(document.querySelector("details.confirm").cloneNode(true));
      document.querySelector(".page-body").prepend(row);
    }""")
    boxes = page.locator("details.confirm > summary:visible")
    assert boxes.count() > 1
    for number in range(boxes.count()):
        boxes.nth(number).click()
        panel = page.locator("details.confirm[open] > .confirm-panel")
        page.wait_for_selector("details.confirm[open] .confirm-panel :focus")
        box = panel.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        page.keyboard.press("Escape")


def test_the_list_is_paged_in_place_and_the_address_follows(visit):
    page = visit()
    page.locator("#pager-next").click()
    page.wait_for_url(re.compile("after="))
    page.wait_for_function("document.querySelector('tbody a').textContent.trim() !== 'A-000001'")
    assert page.locator("tbody tr").count() == 25
    assert page.locator("#pager-previous").is_visible()
    assert page.complaints == []


def test_rows_are_walked_and_ticked_by_keys(visit):
    page = visit()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("tbody tr:nth-child(2) input[name=row]").is_checked()
    assert page.locator(".selection").is_visible()
    assert page.locator("[data-ticked]").inner_text() == "1"
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()


def test_everything_works_without_a_script(visit):
    page = visit("/", 390, scripts=False)
    page.locator("input[name=q]").fill("服务部 7")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q="))
    assert page.locator("tbody tr").count() == 1
    page.locator("details.why summary").click()
    page.locator("details.why[open] .why-panel a").click()
    page.wait_for_url(re.compile("/why/"))
    page.locator("details.why-clause summary").first.click()
    assert page.locator("details.why-clause[open] blockquote").is_visible()
    page.locator("a[href='#menu']").click()
    assert page.locator("#menu").is_visible()


def test_language_and_theme_change_in_one_click(visit):
    page = visit()
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    page.locator("button[name=language]").click()
    page.wait_for_function("document.documentElement.lang === 'en'")
    page.locator("summary[aria-label=Appearance]").click()
    page.locator("button[value=dark]").click()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
