"""Errors as RFC 9457 ``application/problem+json``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from hop import errors

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[errors.HopError], int] = {
    errors.InvalidLink: 422,
    errors.LinkNotFound: 404,
    errors.LinkExpired: 410,
    errors.AliasTaken: 409,
    errors.KeyReused: 422,
    errors.Unavailable: 503,
}
# RFC 9110's names; Python knows them from 3.13 on, and the document must not depend on Python.
NAMES = {413: "Content Too Large", 422: "Unprocessable Content"}
log = structlog.get_logger("hop.web")


class FieldProblem(BaseModel):
    """One part of a request that is wrong."""

    field: str
    detail: str


class Problem(BaseModel):
    """RFC 9457, with two members of our own."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: list[FieldProblem] | None = None


def phrase(status: int) -> str:
    """A status in words."""
    return NAMES.get(status) or HTTPStatus(status).phrase


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route for OpenAPI."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": phrase(status), "content": {MEDIA_TYPE: schema}}
        for status in statuses
    }


def body(
    status: int,
    detail: str,
    *,
    code: str = "",
    request_id: str | None = None,
    fields: list[FieldProblem] | None = None,
) -> bytes:
    """The encoded problem."""
    problem: dict[str, Any] = {
        "type": f"urn:hop:problem:{code}" if code else "about:blank",
        "title": phrase(status),
        "status": status,
        "detail": detail,
        "request_id": request_id,
    }
    if fields:
        problem["errors"] = [field.model_dump() for field in fields]
    return orjson.dumps(problem)


def from_error(error: errors.HopError) -> tuple[int, dict[str, str]]:
    """Status and extra headers for an error."""
    extra = {}
    if isinstance(error, errors.Unavailable):
        extra["Retry-After"] = str(error.retry_after_s)
    return STATUS.get(type(error), 500), extra


def install(app: FastAPI) -> None:
    """Answer each kind of error as a problem."""

    def answer(
        request: Request,
        status: int,
        detail: str,
        *,
        code: str = "",
        headers: dict[str, str] | None = None,
        fields: list[FieldProblem] | None = None,
    ) -> Response:
        request_id = request.scope.get("hop.request_id")
        content = body(status, detail, code=code, request_id=request_id, fields=fields)
        return Response(content, status, headers=headers, media_type=MEDIA_TYPE)

    @app.exception_handler(errors.HopError)
    async def _hop(request: Request, error: errors.HopError) -> Response:
        status, headers = from_error(error)
        fields = None
        if isinstance(error, errors.InvalidLink):
            fields = [FieldProblem(field=error.field, detail=str(error))]
        return answer(request, status, str(error), code=error.code, headers=headers, fields=fields)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        # Never the input itself: it may hold a secret, or be what breaks the encoder.
        fields = [
            FieldProblem(field=_name(problem["loc"]), detail=problem["msg"])
            for problem in error.errors()[:20]
        ]
        return answer(
            request, 422, "the request has a wrong form", code="invalid-request", fields=fields
        )

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        return answer(request, error.status_code, error.detail, headers=headers)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        request_id = request.scope.get("hop.request_id")
        log.error("unexpected error", request_id=request_id, exc_info=error)
        return answer(request, 500, "an unexpected error; see the service's log", code="internal")


def _name(location: tuple[int | str, ...]) -> str:
    parts = location[1:] if location[0] in ("body", "query", "path", "header") else location
    text = ".".join(str(part) for part in parts) or str(location[0])
    return text[:100].encode("ascii", "replace").decode()
