"""Every parameter of every shipped book can be edited: what a form shows of a value is read back as the same value."""

import pytest

from sanbao.regulations import editors
from sanbao_rules.rulebook import shipped, shipped_names

PARAMETERS = [(name, parameter) for name in shipped_names() for parameter in shipped(name).parameters]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_what_a_form_shows_of_a_value_is_read_back_as_the_same_value(
    name: str, parameter: str, language: str
) -> None:
    """RG-5: editing one cell changes nothing else."""
    book = shipped(name)
    found = book.parameters[parameter]
    kind, words = editors.kind_of(found), editors.Words(book, language, found)
    for dated in found.values:
        if kind == "reading":
            continue
        if kind == "grid":
            shown = editors.grid(found, dated.value, book, language)
            data = {
                cell.name: cell.text
                for first, cells in shown.lines
                for cell in ([first] if first else []) + cells
            }
            made, value = editors.read_grid(found, dated.value, data, book, language)
            assert [c.error for _f, cells in made.lines for c in cells if c.error] == []
        else:
            value = editors.read(editors.typed(dated.value, kind, words), kind, found, words)
        assert value == dated.value
        assert editors.differing(dated.value, value, book, language) == [] if kind == "grid" else True


def test_a_cell_that_is_no_number_is_told_beside_it() -> None:
    book = shipped("charges")
    labour = book.parameters["labour"]
    shown = editors.grid(labour, labour.values[-1].value, book, "zh")
    data = {cell.name: cell.text for first, cells in shown.lines for cell in [first, *cells]}
    data["g0-0"] = "六十"
    made, value = editors.read_grid(labour, labour.values[-1].value, data, book, "zh")
    assert value is None
    assert "六十" in made.lines[0][1][0].error
