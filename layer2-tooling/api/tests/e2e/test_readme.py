"""What the README tells its reader to type, typed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hop_support import http, process

from hop.settings import Settings

README = (Path(__file__).parents[2] / "README.md").read_text()
MAKEFILE = (Path(__file__).parents[3] / "Makefile").read_text()


def commands():
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        yield from re.findall(r"^\$ ((?:.*\\\n)*.*)", block, re.MULTILINE)


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl; enable: apt-get install curl")
def test_every_curl_works(tmp_path):
    curls = [command for command in commands() if command.startswith("curl")]
    assert len(curls) == 2
    with process(tmp_path) as running:
        answers = []
        for command in curls:
            here = command.replace("localhost:8000", f"127.0.0.1:{running.port}")
            done = subprocess.run(["bash", "-c", here], capture_output=True, text=True, timeout=30)
            assert done.returncode == 0, done.stderr
            answers.append(done.stdout)
        assert '"slug":"my-link"' in answers[0]
        assert answers[1].startswith("HTTP/1.1 307")
        for path in re.findall(r"`(/[a-z]+)`", README):
            expected = (404, 405) if path in ("/faults", "/drain") else (200,)
            assert http.get(running.url + path).status_code in expected, path


def test_every_make_target_is_there():
    targets = set(re.findall(r"make -C \S+ ([\w-]+)", "\n".join(commands())))
    assert targets == {"serve", "test", "bench-redirect"}
    for target in targets:
        assert re.search(rf"^{target}: ##", MAKEFILE, re.MULTILINE), target


def test_settings_in_the_readme_are_settings():
    for name in set(re.findall(r"HOP_([A-Z_]+)", README)) - {"SECRETS"}:  # the folder of settings
        assert name.lower() in Settings.model_fields


def test_every_fault_has_the_test_that_the_readme_names():
    named = re.findall(r"^\|.*`(test_\w+)` \|$", README, re.MULTILINE)
    written = "".join(file.read_text() for file in Path(__file__).parents[1].rglob("test_*.py"))
    assert len(named) == 12
    assert [name for name in named if f"def {name}(" not in written] == []
