"""What repo2docker reads for Binder and JupyterHub, and what its postBuild does."""

import json
import os
import re
import subprocess
from pathlib import Path

from tools import reader
from tools.notebooks import ROOT

BINDER = ROOT / "binder"


def test_the_image_has_the_python_of_the_pins() -> None:
    (version,) = re.findall(r"on Python (3\.\d+)\.", (ROOT / "requirements.txt").read_text(encoding="utf-8"))
    assert (BINDER / "runtime.txt").read_text(encoding="utf-8") == f"python-{version}\n"


def test_nothing_else_takes_the_place_of_what_is_there() -> None:
    # In each of these repo2docker would see another kind of image; a start script it would look for in the
    # home folder, over which a JupyterHub may mount another.
    assert {path.name for path in BINDER.iterdir()} == {"postBuild", "runtime.txt"}


def test_post_build_installs_at_the_pins_and_sets_one_thread(tmp_path: Path) -> None:
    python = reader.make(tmp_path / "notebook")
    log = tmp_path / "log"
    for name, script in {
        "uv": f'echo "uv $@" >> {log}',
        # pip asks an index; all else is done.
        "python": f'[[ $2 != pip ]] && exec {python} "$@"; echo "python $@" >> {log}',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    subprocess.run(
        ["binder/postBuild"],
        cwd=ROOT,
        env=os.environ | {"PATH": f"{tmp_path}:{os.defpath}", "HOME": str(tmp_path)},
        check=True,
    )
    assert log.read_text(encoding="utf-8").splitlines() == [
        "python -m pip install --no-cache-dir uv",
        f"uv pip install --python {tmp_path}/python --no-cache --torch-backend=cpu "
        "--constraint requirements.txt torch nbgitpuller .",
    ]
    kernel = json.loads((python.parents[1] / "share/jupyter/kernels/python3/kernel.json").read_bytes())
    assert kernel["env"] == {"OMP_NUM_THREADS": "1"}
