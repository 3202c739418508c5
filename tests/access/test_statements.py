"""How many SQL statements every page costs, as baselines: a page that asks the database more often than before fails here.

Each page is asked twice by somebody who may see it, and the second time counts (what a process keeps, such as rulebooks, is warm then).
`SANBAO_BASELINES=1 ./dev test tests/access/test_statements.py` writes the baselines anew, a file for each module; the difference is
reviewed like code. That no page asks per row is tested where lists are (tests/modules/ui/test_lists.py).
"""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from sanbao.accounts import sessions
from sanbao.ui.pages import walk
from tests.access.conftest import Stage
from tests.access.test_matrix import Address, addresses, ask, expected
from tests.access.world import HEADQUARTERS, ON_POSTS, Actor, undone

BASELINES = Path(__file__).parent / "statements"
MODULES = sorted({name.split(":")[0] for _path, name, _view in walk(get_resolver().url_patterns)})


def whoever_may(address: Address) -> Actor | None:
    """Somebody who may read the address: of headquarters if possible, and with a post that may do much."""
    actors = [address.thing.place] if isinstance(address.thing.place, Actor) else ON_POSTS
    able = [actor for actor in actors if expected(actor, address, "GET")[0]]
    return next((actor for actor in able if actor.place == HEADQUARTERS), able[0] if able else None)


def asked_by(stage: Stage, module: str) -> dict[str, list[str]]:
    """Statements by the name of the URL, for each that can be read."""
    found: dict[str, list[str]] = {}
    for address in addresses(stage.things):
        if "GET" not in address.mark.methods or address.name.split(":")[0] != module:
            continue
        actor = whoever_may(address)
        if actor is None:
            continue
        client = stage.world.client(actor)
        with undone():
            ask(client, address, "GET", address.thing.arguments)
            with CaptureQueriesContext(connection) as asked:
                ask(client, address, "GET", address.thing.arguments)
        found[address.name] = [each["sql"] for each in asked if "SAVEPOINT" not in each["sql"]]
    return found


@pytest.mark.parametrize("module", MODULES)
def test_no_page_asks_the_database_more_often_than_its_baseline(
    stage: Stage, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """performance.md: statement counts are baselines."""
    # "Last seen" is written once a minute, in whichever page's second asking the minute ends.
    monkeypatch.setattr(sessions, "SEEN_EVERY", timedelta(days=1))
    asked = asked_by(stage, module)
    found = {name: len(statements) for name, statements in asked.items()}
    path = BASELINES / f"{module.replace(':', '-')}.json"
    if os.environ.get("SANBAO_BASELINES"):
        path.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n") if found else None
    known = json.loads(path.read_text()) if path.exists() else {}
    new = sorted(set(found) - set(known))
    more = {
        name: f"{count}, not {known[name]}" for name, count in found.items() if count > known.get(name, count)
    }
    assert new == [], "pages without a baseline: look at their count, then run with SANBAO_BASELINES=1"
    assert more == {}, "\n".join(statement[:300] for name in more for statement in asked[name])
