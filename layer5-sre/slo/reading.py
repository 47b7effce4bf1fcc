"""YAML documents and the few shapes in them, each with a place in its error message."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

import yaml

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_DURATION = re.compile(r"([1-9][0-9]*)([mhdw])")
_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class SloError(ValueError):
    """An SLO file that cannot be used; the message says where and why."""


class _Loader(yaml.SafeLoader):
    """PyYAML keeps the last of two equal keys; a second ``target`` must not win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            line = node.start_mark.line + 1
            raise SloError(f"key {twice[0]!r} stands twice in the mapping at line {line}")
        return super().construct_mapping(node, deep)


def fields(value: Any, where: str, required: Iterable[str], optional: Iterable[str] = ()) -> Any:
    """``value``, which must be a mapping with exactly these keys."""
    if not isinstance(value, dict):
        raise SloError(f"{where}: expected a mapping, found {value!r}")
    missing = [key for key in required if key not in value]
    unknown = [key for key in value if key not in {*required, *optional}]
    if missing:
        raise SloError(f"{where}: {missing[0]!r} is missing")
    if unknown:
        raise SloError(f"{where}: {unknown[0]!r} is not a key we read; see the OpenSLO v1 text")
    return value


def only(value: Any, where: str) -> Any:
    """The one item of a list."""
    if not isinstance(value, list) or len(value) != 1:
        raise SloError(f"{where}: expected a list of exactly one item, found {value!r}")
    return value[0]


def seconds(shorthand: Any, where: str) -> int:
    """OpenSLO's duration shorthand in seconds; months and longer have no fixed length."""
    found = _DURATION.fullmatch(str(shorthand))
    if not found:
        raise SloError(f"{where}: {shorthand!r} is no duration such as 5m, 6h, 30d or 4w")
    return int(found[1]) * _SECONDS[found[2]]


def documents(path: Path) -> list[Any]:
    """The YAML documents of a file.

    Raises:
        SloError: not readable, not UTF-8, not YAML, or a key that stands twice.
    """
    try:
        return list(yaml.load_all(path.read_text("utf-8"), Loader=_Loader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SloError(f"cannot be read: {error}") from error


def name_of(metadata: Any, where: str) -> str:
    """The object's name, an RFC 1123 label."""
    fields(metadata, f"{where} metadata", ("name",), ("displayName", "labels", "annotations"))
    name = metadata["name"]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SloError(f"{where} metadata.name: {name!r} is no RFC 1123 label")
    return name
