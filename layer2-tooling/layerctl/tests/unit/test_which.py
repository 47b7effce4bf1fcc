"""Which interpreter a name leads to: shims, first lines, kinds, and what stands in the way."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from layerctl.cli import main
from layerctl.which import imports, names
from layerctl.which.commands import find
from layerctl.which.interpreter import Interpreter, examine
from layerctl.which.report import problems, text
from layerctl.which.view import View, look, modules

PYTHON = Path(sys.executable)


def program(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(0o755)
    return path


def seen(tmp_path: Path, *, env: dict[str, str] | None = None, **facts: object) -> View:
    """A view of one made-up interpreter, which ``python`` leads to."""
    program(tmp_path / "bin/python", "")
    given = {"PATH": str(tmp_path / "bin")} | (env or {})
    file = tmp_path / "bin/python"
    python = Interpreter(file, **({"version": "3.11.7", "prefix": str(tmp_path)} | facts))  # type: ignore[arg-type]
    return View(given, tmp_path, {"python": find("python", given)}, {file: python})


def test_the_interpreter_that_runs_tells_about_itself() -> None:
    found = examine(PYTHON, {})
    assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert found.prefix == sys.prefix
    assert "json" in found.names - found.loaded


def test_what_cannot_start_says_why(tmp_path: Path) -> None:
    found = examine(program(tmp_path / "python", "#!/bin/sh\necho 'some error' >&2\n"), {})
    assert found.error == "some error"
    assert examine(tmp_path / "absent", {}).error == "No such file or directory"


@pytest.mark.parametrize(
    "line",
    [
        f"#!{PYTHON}\n",
        f"#!/bin/sh\n'''exec' \"{PYTHON}\" \"$0\" \"$@\"\n' '''\n",
        "#!/usr/bin/env python3.99\n",
    ],
)
def test_a_script_leads_to_the_interpreter_of_its_first_line(tmp_path: Path, line: str) -> None:
    program(tmp_path / "pip", line)
    (tmp_path / "python3.99").symlink_to(PYTHON)
    (found,) = find("pip", {"PATH": str(tmp_path)})
    assert "first line" in found.steps[0].clause
    assert found.interpreter is not None
    assert found.interpreter.samefile(PYTHON)


def test_a_shell_script_or_a_program_is_its_own(tmp_path: Path) -> None:
    program(tmp_path / "poetry", "#!/bin/sh\ntrue\n")
    (found,) = find("poetry", {"PATH": f"{tmp_path}:{tmp_path}"})
    assert found.interpreter is None
    assert found.dead is None


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ("echo {python}", ""),
        ("echo \"pyenv: version 'x' is not installed\" >&2; exit 1", "pyenv-missing-version"),
        ("echo 'pyenv: pip: command not found' >&2; exit 127", "not-in-pyenv-version"),
    ],
)
def test_a_shim_asks_its_pyenv(tmp_path: Path, answer: str, cause: str) -> None:
    pyenv = program(tmp_path / "pyenv", f"#!/bin/sh\n{answer.format(python=PYTHON)}\n")
    shim = f'#!/bin/sh\nexport PYENV_ROOT="{tmp_path}"\nexec "{pyenv}" exec "$program" "$@"\n'
    program(tmp_path / "shims/python", shim)
    (found,) = find("python", {"PATH": str(tmp_path / "shims")})
    assert (found.dead.cause if found.dead else "") == cause
    assert found.interpreter == (None if cause else PYTHON)


def test_a_shim_whose_pyenv_is_gone(tmp_path: Path) -> None:
    program(tmp_path / "shims/python", '#!/bin/sh\n# pyenv\nexec "/gone/pyenv" exec "$program"\n')
    (found,) = find("python", {"PATH": str(tmp_path / "shims")})
    assert found.dead
    assert found.dead.cause == "dead-shim"


@pytest.mark.parametrize(
    ("mark", "content", "kind"),
    [
        ("conda-meta/history", "", "conda"),
        ("pyvenv.cfg", "home = /usr/bin\n", "venv"),
        ("pyvenv.cfg", "home = /usr/bin\nuv = 0.9\n", "venv by uv"),
        ("nothing", "", "other"),
    ],
)
def test_kinds_are_told_by_what_their_makers_leave(
    tmp_path: Path, mark: str, content: str, kind: str
) -> None:
    program(tmp_path / mark, content)
    assert Interpreter(tmp_path / "bin/python", prefix=str(tmp_path)).kind == kind
    of_uv = tmp_path / "uv/python/cpython-3.13/bin/python3"
    assert Interpreter(of_uv, prefix=str(of_uv)).kind == "uv"
    assert Interpreter(tmp_path / ".pyenv/versions/3.13/bin/python3").kind == "pyenv"
    assert Interpreter(Path("/usr/bin/python3"), prefix="/usr").kind == "system"


def test_two_environments_at_once(tmp_path: Path) -> None:
    view = seen(tmp_path, env={"VIRTUAL_ENV": str(tmp_path), "CONDA_PREFIX": "/opt/conda"})
    assert [p.cause for p in names.activation(view)] == ["two-environments"]


def test_a_user_site_hides_only_what_is_installed_as_well(tmp_path: Path) -> None:
    program(tmp_path / "user/tool.py", "")
    user = str(tmp_path / "user")
    view = seen(tmp_path, user_site=user, path=(user,), site=(str(tmp_path / "site"),))
    (python,) = view.interpreters.values()
    assert list(imports.user_site(view, python)) == []
    program(tmp_path / "site/tool.py", "")
    assert [p.cause for p in imports.user_site(view, python)] == ["user-site-leak"]


def test_a_pythonpath_of_another_version(tmp_path: Path) -> None:
    view = seen(tmp_path, env={"PYTHONPATH": "/opt/lib/python3.9/site-packages"})
    (python,) = view.interpreters.values()
    assert "of Python 3.9, not 3.11" in next(imports.path(view, python)).what
    same = seen(tmp_path, env={"PYTHONPATH": "/opt/lib/python3.11/site-packages"})
    assert list(imports.path(same, python)) == []


def test_only_what_is_not_loaded_yet_can_be_shadowed(tmp_path: Path) -> None:
    program(tmp_path / "random.py", "")
    program(tmp_path / "os.py", "")
    view = seen(tmp_path, names=frozenset({"random", "os"}), loaded=frozenset({"os"}))
    (python,) = view.interpreters.values()
    assert [p.what.split()[0] for p in imports.shadows(view, python)] == [f"{tmp_path}/random.py"]


def test_modules_are_files_and_packages(tmp_path: Path) -> None:
    program(tmp_path / "one.py", "")
    program(tmp_path / "two/__init__.py", "")
    (tmp_path / "three").mkdir()
    assert sorted(modules(tmp_path)) == ["one", "two"]
    assert modules(tmp_path / "absent") == {}


def test_the_report_names_what_runs_and_the_variables(tmp_path: Path) -> None:
    program(tmp_path / "python", "").unlink()
    (tmp_path / "python").symlink_to(PYTHON)
    view = look(["python", "absent"], {"PATH": str(tmp_path), "PYENV_VERSION": "3.12"}, tmp_path)
    said = text(view, problems(view))
    assert f"python    {tmp_path}/python   Python 3." in said
    assert "absent    not on PATH" in said
    assert "PYENV_VERSION=3.12" in said


def test_the_command_answers_programs_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "python"
    gone.symlink_to(tmp_path / "gone")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    assert main(["which-python", "--json", "python"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert [p["cause"] for p in said["problems"]] == ["dangling-link"]
    gone.unlink()
    assert main(["which-python", "python"]) == 0
    assert "no conflict found" in capsys.readouterr().out
