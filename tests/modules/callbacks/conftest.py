"""A repair that was handed in, with its callback."""

import pytest

from sanbao.callbacks.models import Callback
from tests.cast import Cast


@pytest.fixture
def callback(cast: Cast) -> Callback:
    """The callback of a sheet of GZ001, on the day the sheet arrived."""
    sheet = cast.sheet()
    return Callback.objects.get(plan__sheet=sheet.pk)
