"""Reading a .qdpx of 100 interviews and 20 000 codings, against unzipping it and parsing its XML.

The bound is 5 times; offsets are UTF-16 with emoji, so nothing is taken for granted.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from bench._timing import compare, report
from optima_research.coding.qualitative.files.refi_qda import read_qdpx

INTERVIEWS = 100
CODINGS = 200
CODES = 60
SENTENCE = "ÉLU : Le budget se discute avec les directions 🚒 avant le vote du conseil municipal.\r\n"


def guid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name)).upper()


def interview(n: int) -> tuple[str, str]:
    text = SENTENCE * CODINGS
    width = len(SENTENCE) + 1
    parts = []
    for i in range(CODINGS):
        start = i * width + SENTENCE.index("budget")
        parts.append(
            f'<PlainTextSelection guid="{guid(f"s{n}.{i}")}" name="budget" startPosition="{start}" '
            f'endPosition="{start + 6}" creatingUser="{guid("Anne")}" creationDateTime="2014-03-02T10:00:00Z">'
            f'<Coding guid="{guid(f"c{n}.{i}")}" creatingUser="{guid("Bruno")}" '
            f'creationDateTime="2014-03-02T10:00:00Z"><CodeRef targetGUID="{guid(f"code{i % CODES}")}"/></Coding>'
            f"</PlainTextSelection>"
        )
    head = f'<TextSource guid="{guid(f"t{n}")}" name="Entretien {n:03d}" plainTextPath="internal://{guid(f"t{n}")}.txt">'
    return text, head + "".join(parts) + "</TextSource>"


def build(path: Path) -> None:
    texts = {f"t{n}": interview(n) for n in range(INTERVIEWS)}
    codes = "".join(
        f'<Code guid="{guid(f"code{i}")}" name="Code {i}" isCodable="true"/>' for i in range(CODES)
    )
    users = "".join(f'<User guid="{guid(u)}" name="{u}"/>' for u in ("Anne", "Bruno"))
    xml = (
        '<?xml version="1.0" encoding="utf-8"?><Project xmlns="urn:QDA-XML:project:1.0" name="Banc" '
        f'origin="NVivo"><Users>{users}</Users><CodeBook><Codes>{codes}</Codes></CodeBook>'
        f"<Sources>{''.join(x for _t, x in texts.values())}</Sources></Project>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("project.qde", xml)
        for name, (text, _xml) in texts.items():
            file.writestr(f"Sources/{guid(name)}.txt", "\ufeff" + text)


def unzip_and_parse(path: Path) -> None:
    with zipfile.ZipFile(path) as file:
        for member in file.namelist():
            data = file.read(member)
            if member.endswith(".qde"):
                ET.fromstring(data)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "banc.qdpx"
        build(path)
        project = read_qdpx(path)
        if len(project.codings) != INTERVIEWS * CODINGS or set(project.codings["text"]) != {"budget"}:
            raise SystemExit("the bench project was not read right")
        reading = compare(
            "read_qdpx / unzip + parse", lambda: read_qdpx(path), lambda: unzip_and_parse(path), promised=5.0
        )
    return report("qdpx", [reading])


if __name__ == "__main__":
    raise SystemExit(main())
