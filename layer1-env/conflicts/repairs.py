"""What repairs each scenario (the solutions: try without them first).

Shell, run in the lab's folder; ``$PYTHON`` is the interpreter that the lab was made with.
The proof and the tests apply them and have the repair graded.
"""

from __future__ import annotations

AGAIN = '"$PYTHON" -m venv --clear app && app/bin/pip install -q --no-index wheels/labgreet-1.0*'
REPAIRS = {
    "name-missing": "ln -s python3 app/bin/python",
    "not-activated": "sed -i '$d' env.sh",
    "pip-mismatch": "sed -i '$d' env.sh",
    "no-pip": '"$PYTHON" -m venv --upgrade --upgrade-deps app || app/bin/python -m ensurepip',
    "dead-shebang": 'sed -i "s|$PWD/app/|$PWD/moved/|" moved/bin/pip',
    "dangling-link": AGAIN,
    "venv-version": AGAIN,
    "wrong-architecture": AGAIN,
    "pythonhome": "echo unset PYTHONHOME >>env.sh",
    "pythonpath": "echo unset PYTHONPATH >>env.sh",
    "shadowed-module": "mv project/random.py project/numbers_of_ours.py",
    "user-site-leak": "sed -i s/packages.=.true/packages=false/ app/pyvenv.cfg "
    "&& app/bin/pip install -q --no-index wheels/labgreet-1.0*",
    "foreign-extension": "app/bin/pip install -q --no-index --force-reinstall wheels/labgreet-1.0*",
    "stale-editable": "rm app/lib/python*/site-packages/labgreet.pth && "
    "app/bin/pip install -q --no-index --force-reinstall wheels/labgreet-1.0*",
    "dead-kernel": 'sed -i "s|old/bin|app/bin|" jupyter/kernels/lab/kernel.json',
    "pyenv-missing-version": "echo app >project/.python-version",
    "pyenv-override": "echo unset PYENV_VERSION >>env.sh",
}
