"""The API reference: what is public, its signature, and the first line of its docstring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import griffe

from layerctl.errors import LayerctlError
from publish.version import PACKAGE

HEAD = (
    f"# API of {PACKAGE}\n\n"
    "Generated from the code by `make docs`. Names with a leading underscore, and names that a "
    "module only imports, are not public.\n"
)


def signature(function: griffe.Function) -> str:
    """A function's line, as one would write it."""
    return str(function.signature()).replace("\n", " ")


def line(member: griffe.Object | griffe.Alias) -> str:
    """One public name in one line of Markdown."""
    told = member.docstring.value.splitlines()[0] if member.docstring else ""
    if isinstance(member, griffe.Function):
        code = f"{signature(member)}"
    elif isinstance(member, griffe.Attribute) and member.annotation:
        code = f"{member.name}: {member.annotation}"
    else:
        code = f"{'class ' if member.is_class else ''}{member.name}"
    return f"- `{code}`" + (f": {told}" if told else "")


def entries(owner: griffe.Object | griffe.Alias, indent: str = "") -> Iterator[str]:
    """The public members of a module or class, in the order of the source."""
    members = [m for m in owner.members.values() if not m.is_alias and not m.is_module]
    for member in sorted(members, key=lambda m: m.lineno or 0):
        if not member.is_public or member.name.startswith("__"):
            continue
        yield indent + line(member)
        if member.is_class:
            yield from entries(member, indent + "  ")


def reference(project: Path) -> str:
    """The whole reference, in Markdown."""
    package = griffe.load(PACKAGE, search_paths=[project / "src"], resolve_aliases=True)
    parts = [HEAD]
    for name, module in sorted(package.modules.items()):
        listed = list(entries(module))
        if listed and not name.startswith("_"):
            told = module.docstring.value.splitlines()[0] if module.docstring else ""
            parts.append("\n".join([f"## {PACKAGE}.{name}\n", told, "", *listed, ""]))
    return "\n".join(parts)


def check(project: Path) -> dict[str, object]:
    """The committed reference is that of the code.

    Raises:
        LayerctlError: it differs.
    """
    text = reference(project)
    if (project / "API.md").read_text("utf-8") != text:
        raise LayerctlError(f"{project.name}/API.md differs from the code", "make docs")
    return {"public_names": sum(line.lstrip().startswith("- `") for line in text.splitlines())}


def write(project: Path) -> dict[str, object]:
    """Write the reference."""
    (project / "API.md").write_text(reference(project), "utf-8")
    return check(project)
