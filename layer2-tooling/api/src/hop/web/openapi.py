"""The OpenAPI document: FastAPI's, and the redirect that FastAPI does not see."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from hop.domain.slugs import MAX_LENGTH
from hop.settings import Settings
from hop.web.problems import Problem, described

REDIRECTED = {
    "description": "Temporary Redirect",
    "headers": {"Location": {"schema": {"type": "string", "format": "uri"}, "required": True}},
}


def _redirect(method: str) -> dict[str, Any]:
    pattern = "^[A-Za-z0-9][A-Za-z0-9_-]*$"
    schema = {"type": "string", "maxLength": MAX_LENGTH, "pattern": pattern}
    problems = {str(status): answer for status, answer in described(404, 410, 503).items()}
    return {
        "tags": ["redirect"],
        "summary": "Follow a link",
        "operationId": f"{method}_redirect",
        "parameters": [{"name": "slug", "in": "path", "required": True, "schema": schema}],
        "responses": {"307": REDIRECTED, **problems},
    }


def document() -> str:
    """The whole document, fault endpoints included, as it is committed."""
    from hop.web.app import create_app  # that module needs this one

    chosen = Settings.model_validate({"database_url": "sqlite:///never-opened", "faults": True})
    return json.dumps(create_app(chosen, telemetry=False).api.openapi(), indent=2) + "\n"


def install(app: FastAPI) -> None:
    """Make ``app.openapi()`` tell all of it."""

    def build() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                routes=app.routes,
            )
            found["paths"]["/{slug}"] = {m: _redirect(m) for m in ("get", "head")}
            schemas = found["components"]["schemas"]
            template = "#/components/schemas/{model}"
            problem = Problem.model_json_schema(ref_template=template)
            schemas.update(problem.pop("$defs", {}))
            schemas["Problem"] = problem
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]
