"""The page of the API: every endpoint with its fields and a call to copy, from the OpenAPI document itself."""

import re

from sanbao.site import api_described
from sanbao.site.api import api


def test_every_endpoint_stands_on_it_with_a_call_to_copy(cast, sign_in) -> None:
    """clause CO-3."""
    page = sign_in("agent").get("/api/")
    text = page.content.decode()
    assert page.status_code == 200
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    for path, operations in schema["paths"].items():
        for method in operations:
            assert f"{method.upper()} {path}</code>" in text, (method, path)
    found = [each for _subject, rows in api_described.subjects("http://testserver") for each in rows]
    assert all(each.permission for each in found)
    assert all('"http://testserver/api/v1/' in each.example for each in found)
    keys = [each.key for each in found]
    assert len(keys) == len(set(keys))


def test_fields_are_named_with_their_types_and_whether_they_are_required(cast) -> None:
    found = {each.path + each.method: each for _s, rows in api_described.subjects("") for each in rows}
    register = {field.name: field for field in found["/api/v1/requestsPOST"].fields}
    assert (register["class"].required, register["class"].where) == (True, "body")
    assert not register["severity"].required
    listed = {field.name: field.where for field in found["/api/v1/requestsGET"].fields}
    assert listed["state"] == "query"


def test_no_other_host_and_no_script_of_its_own(cast, sign_in) -> None:
    text = sign_in("agent").get("/api/").content.decode()
    assert "<script>" not in text
    assert set(re.findall(r'(?:src|href)="(https?:)?//', text)) == set()


def test_the_frame_speaks_both_languages(cast, sign_in) -> None:
    client = sign_in("agent")
    assert "接口清单" in client.get("/api/").content.decode()
    client.cookies["language"] = "en"
    assert "Endpoints" in client.get("/api/").content.decode()
