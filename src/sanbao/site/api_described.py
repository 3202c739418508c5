"""The API described for the page of it, from its OpenAPI: endpoints by subject, fields, answers, and a call to copy. Nothing of anybody's."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sanbao.site.api import api
from sanbao.ui.pages import Mark

PREFIX = "/api/v1"
METHODS = ("get", "post", "put", "patch", "delete")

# What stands in the examples, by a field's name.
_SAMPLES: dict[str, Any] = {
    "class": "repair-noise", "subject": "油烟机异响", "phone": "13800005678", "contact": "张三", "version": 1, "outlet": "GZ001",
    "outlets": ["GZ001"], "month": "2026-04", "url": "https://erp.example.com/sanbao", "kinds": ["request.registered"], "name": "ERP",
    "text": "已电话联系客户", "kind": "note", "note": "第 3 行的里程不对", "number": "GZ001-0001", "pk": "123", "noun": "start", "helped": True,
    "paper_on": "2026-05-08",
}  # fmt: skip
_SAMPLES_AT: dict[str, dict[str, Any]] = {
    "/webhooks/{pk}/moves/{noun}": {"noun": "pause"},
    "/webhooks/deliveries/{pk}/{noun}": {"noun": "retry"},
    "/settlements/statements/{pk}/moves/{noun}": {"noun": "check"},
    "/settlements/statements/{pk}/answer": {"kind": "question"},
    "/settlements/findings": {"kind": "late_service"},
    "/settlements/findings/{pk}/moves/{noun}": {"noun": "confirmation", "kind": "overcharge"},
}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    where: str  # "path", "query", "body" or "file"
    type: str
    required: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. `permission` is the one its mark asks for."""

    key: str
    method: str
    path: str
    summary: str
    told: str
    permission: str
    fields: tuple[Field, ...]
    example: str


@cache
def _subjects() -> tuple[tuple[str, tuple[Endpoint, ...]], ...]:
    schema = api.get_openapi_schema(path_prefix=f"{PREFIX}/")
    marks = _marks()
    found: dict[str, list[Endpoint]] = {}
    for path, operations in schema["paths"].items():
        for method in METHODS:
            if method in operations:
                told = operations[method]
                short = path.removeprefix(PREFIX)
                endpoint = _endpoint(
                    short, method.upper(), told, schema, marks.get((short, method.upper()), "")
                )
                found.setdefault((told.get("tags") or ["–"])[0], []).append(endpoint)
    return tuple((subject, tuple(rows)) for subject, rows in found.items())


def subjects(site: str) -> list[tuple[str, list[Endpoint]]]:
    """The endpoints by subject, with calls to this installation."""
    return [
        (subject, [replace(each, example=each.example.replace("$SITE", site)) for each in rows])
        for subject, rows in _subjects()
    ]


def _marks() -> dict[tuple[str, str], str]:
    """The permission of each endpoint, by path and method."""
    found = {}
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                mark = getattr(operation.view_func, "mark", None)
                for method in operation.methods:
                    at = "/" + f"{prefix}/{path}".replace("//", "/").strip("/")
                    found[(at, method)] = mark.permission if isinstance(mark, Mark) else ""
    return found


def _endpoint(path: str, method: str, told: dict[str, Any], schema: dict[str, Any], permission: str) -> Endpoint:  # fmt: skip
    parameters = [
        Field(each["name"], each["in"], _type(each["schema"], schema), each.get("required", False))
        for each in told.get("parameters", ())
    ]
    content: dict[str, Any] = told.get("requestBody", {}).get("content", {})
    nothing: tuple[str, dict[str, Any]] = ("", {})
    kind, body = next(iter(content.items()), nothing)
    inside = _resolved(body.get("schema", {}), schema)
    fields = list(_fields(inside, schema)) if inside else []
    return Endpoint(
        key=f"{method}-{path}".lower().replace("/", "-").replace("{", "").replace("}", "").replace("--", "-"),
        method=method,
        path=f"{PREFIX}{path}",
        summary=told.get("summary", ""),
        told=_plain(told.get("description", "")),
        permission=permission,
        fields=(*parameters, *fields),
        example=_curl(path, method, parameters, kind, inside, schema),
    )


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "").split())


def _resolved(of: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema behind its reference, also where it is the only one of `allOf`."""
    while True:
        if "$ref" in of:
            of = schema["components"]["schemas"][of["$ref"].rpartition("/")[2]]
        elif len(of.get("allOf", ())) == 1:
            of = of["allOf"][0]
        else:
            return of


def _fields(of: dict[str, Any], schema: dict[str, Any]) -> Iterator[Field]:
    if of.get("type") == "array":
        of = _resolved(of["items"], schema)
    required = set(of.get("required", ()))
    for name, inside in of.get("properties", {}).items():
        where = "file" if inside.get("format") == "binary" else "body"
        yield Field(name, where, _type(inside, schema), name in required, _plain(inside.get("description", "")))  # fmt: skip


def _type(of: dict[str, Any], schema: dict[str, Any]) -> str:
    of = _resolved(of, schema)
    if "anyOf" in of:
        return " | ".join(dict.fromkeys(_type(each, schema) for each in of["anyOf"] if each.get("type") != "null"))  # fmt: skip
    if "enum" in of:
        return " | ".join(str(each) for each in of["enum"])
    if "const" in of:
        return str(of["const"])
    if of.get("type") == "array":
        return f"[{_type(of.get('items', {}), schema)}]"
    said = of.get("format") if of.get("format") in ("date", "date-time", "binary") else of.get("type", "object")  # fmt: skip
    return f"{said} ≤ {of['maxLength']}" if "maxLength" in of else str(said)


def _sample(name: str, of: dict[str, Any], path: str, schema: dict[str, Any]) -> Any:
    of = _resolved(of, schema)
    known = _SAMPLES_AT.get(path, {}).get(name, _SAMPLES.get(name))
    if known is not None:
        return known
    if "anyOf" in of:
        of = _resolved(of["anyOf"][0], schema)
    if "enum" in of:
        return of["enum"][0]
    match of.get("type"):
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case "array":
            return [_sample("", of.get("items", {}), path, schema)]
        case "object":
            return {}
    return "2026-05-20" if of.get("format") == "date" else "…"


def _curl(
    path: str, method: str, parameters: list[Field], kind: str, body: dict[str, Any], schema: dict[str, Any]
) -> str:  # fmt: skip
    at = path
    for each in parameters:
        if each.where == "path":
            at = at.replace(f"{{{each.name}}}", str(_sample(each.name, {"type": "string"}, path, schema)))
    words = ["curl"]
    if method != "GET":
        words.append(f"-X {method}")
    words.append(f'"$SITE{PREFIX}{at}"')
    words.append('-H "Authorization: Bearer $TOKEN"')
    if kind == "application/json":
        several = body.get("type") == "array"
        inside = _resolved(body.get("items", {}), schema) if several else body
        names = set(inside.get("required", ())) | (set(inside.get("properties", {})) & {"phone"})
        sample = {name: _sample(name, of, path, schema) for name, of in inside.get("properties", {}).items() if name in names}  # fmt: skip
        words.append('-H "Content-Type: application/json"')
        words.append(f"-d '{json.dumps([sample] if several else sample, ensure_ascii=False)}'")
    elif kind:
        for name, of in body.get("properties", {}).items():
            value = "@month.xlsx" if of.get("format") == "binary" else _sample(name, of, path, schema)
            words.append(f"-F {name}={value}")
    return " \\\n  ".join((" ".join(words[:-1]), words[-1])) if len(words) > 2 else " ".join(words)
