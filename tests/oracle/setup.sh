#!/usr/bin/env bash
# Makes (or completes) the virtual environment of the oracle corpus.
# PyPI only; nothing is compiled; about 6 GB, most of it torch's own wheels.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${FORETIME_ORACLE:-$HOME/.cache/foretime/oracle}

find_python() {
    local candidate
    for candidate in "${FORETIME_ORACLE_PYTHON:-}" "$HOME"/.pyenv/versions/3.12*/bin/python python3.12 python3; do
        if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "setup.sh: Python 3.12 or newer is needed (set FORETIME_ORACLE_PYTHON)" >&2
    return 1
}

python=$(find_python)
mkdir -p "$root"
[ -x "$root/venv/bin/python" ] || "$python" -m venv "$root/venv"
"$root/venv/bin/python" -m pip install --requirement "$here/requirements.txt"
"$root/venv/bin/python" -c 'import torch, onnx, onnxruntime; print("torch", torch.__version__, "onnx", onnx.__version__, "onnxruntime", onnxruntime.__version__)'
