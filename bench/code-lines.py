"""Distinct lines of prose and code from the packages that this repository installs, as JSONL, for benchmarks that
need a large real corpus: python3 code-lines.py OUT.jsonl [ROWS]"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = [ROOT / "node_modules", ROOT / "bench" / ".venv", ROOT / ".venv"]
SUFFIXES = {".md", ".py", ".ts", ".txt", ".rst"}
SHORTEST, LONGEST = 30, 200


def lines():
    for folder in FOLDERS:
        for path in sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES and not p.is_symlink() and p.is_file()):
            for line in path.read_text(encoding="utf-8", errors="ignore").splitlines():
                text = line.strip(" \t*#/")
                if SHORTEST <= len(text) <= LONGEST and " " in text:
                    yield text


wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
distinct = {}
for line in lines():
    if len(distinct) == wanted:
        break
    distinct[line] = None
with open(sys.argv[1], "w", encoding="utf-8") as out:
    for text in distinct:
        out.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
print(len(distinct), "lines")
