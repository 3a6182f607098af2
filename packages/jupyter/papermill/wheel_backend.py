"""Makes the wheel of one module with what Python brings, so that pip fetches nothing."""

import zipfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

NAME = "coreset_papermill"
VERSION = "0.7.0"
INFO = f"{NAME}-{VERSION}.dist-info"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    files = {
        f"{NAME}.py": Path(f"{NAME}.py").read_text(),
        f"{INFO}/METADATA": f"Metadata-Version: 2.1\nName: coreset-papermill\nVersion: {VERSION}\nRequires-Dist: papermill>=2\n",
        f"{INFO}/WHEEL": "Wheel-Version: 1.0\nGenerator: coreset\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{INFO}/entry_points.txt": f"[papermill.engine]\ncoreset = {NAME}:Engine\n",
    }
    record = "".join(f"{path},{digest(text)},{len(text.encode())}\n" for path, text in files.items())
    files[f"{INFO}/RECORD"] = f"{record}{INFO}/RECORD,,\n"
    wheel = f"{NAME}-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory) / wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


def digest(text):
    return "sha256=" + urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()
