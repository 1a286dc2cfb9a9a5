"""Databases and tables with the traits of Taguette, QualCoder and MAXQDA, written here from invented interviews."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

HTML = {
    "Élue 1": "<h1>Entretien</h1><p>C’est d’abord un budget voté en décembre.</p>\n<p>Été comme hiver, la réunion est "
    "là où tout se décide &amp; se discute.</p>",
    "DGS 2": "<p>Nous n’avons pas le temps 🚒.</p><p>La confiance, ça se mérite.</p>",
}
HIGHLIGHTS = [
    ("Élue 1", "un budget voté", ["pilotage/budget"], "anne"),
    ("Élue 1", "un budget voté", ["pilotage/budget", "usage"], "bruno"),
    ("Élue 1", "la réunion", ["pilotage/réunions"], "anne"),
    ("DGS 2", "le temps", ["freins"], "bruno"),
    ("DGS 2", "La confiance", ["confiance"], "anne"),
    ("DGS 2", "mérite", [], "anne"),
]


def bare(html: str) -> str:
    """Text without tags, as Taguette counts it."""
    import re

    return re.sub(r"<[^>]+>", "", html).replace("&amp;", "&")


def taguette(path: Path, *, projects: int = 1, log: bool = True) -> Path:
    """A Taguette database: byte offsets, authors in the command log only."""
    base = sqlite3.connect(path)
    base.executescript(
        """PRAGMA application_id = 1416066164;
        CREATE TABLE projects (id INTEGER PRIMARY KEY, name TEXT, description TEXT, created TEXT);
        CREATE TABLE documents (id INTEGER PRIMARY KEY, name TEXT, description TEXT, filename TEXT, created TEXT,
            project_id INTEGER, text_direction TEXT, contents TEXT);
        CREATE TABLE tags (id INTEGER PRIMARY KEY, project_id INTEGER, path TEXT, description TEXT);
        CREATE TABLE highlights (id INTEGER PRIMARY KEY, document_id INTEGER, start_offset INTEGER,
            end_offset INTEGER, snippet TEXT);
        CREATE TABLE highlight_tags (highlight_id INTEGER, tag_id INTEGER);
        CREATE TABLE commands (id INTEGER PRIMARY KEY, date TEXT, user_login TEXT, project_id INTEGER,
            document_id INTEGER, payload TEXT);
        CREATE TABLE users (login TEXT, hashed_password TEXT);
        INSERT INTO users VALUES ('anne', 'secret');"""
    )
    for p in range(1, projects + 1):
        base.execute("INSERT INTO projects VALUES (?, ?, '', '2014-01-01')", (p, f"Projet {p}"))
    documents = {name: i + 1 for i, name in enumerate(HTML)}
    for name, i in documents.items():
        row = (i, name, "", "a.docx", "2014-01-01", 1, "LEFT_TO_RIGHT", HTML[name])
        base.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    tags = sorted({tag for _d, _t, used, _u in HIGHLIGHTS for tag in used})
    for i, tag in enumerate(tags):
        base.execute("INSERT INTO tags VALUES (?, 1, ?, ?)", (i + 1, tag, f"Définition de {tag}"))
    for i, (document, phrase, used, user) in enumerate(HIGHLIGHTS, start=1):
        text = bare(HTML[document])
        start = len(text[: text.index(phrase)].encode())
        end = start + len(phrase.encode())
        base.execute(
            "INSERT INTO highlights VALUES (?, ?, ?, ?, ?)", (i, documents[document], start, end, phrase)
        )
        for tag in used:
            base.execute("INSERT INTO highlight_tags VALUES (?, ?)", (i, tags.index(tag) + 1))
        if log:
            payload = json.dumps({"type": "highlight_add", "highlight_id": i, "tags": []})
            base.execute("INSERT INTO commands VALUES (NULL, '2014-03-02', ?, 1, 1, ?)", (user, payload))
    base.commit()
    base.close()
    return path


QUALCODER_TABLES = """CREATE TABLE project (databaseversion TEXT, date TEXT, memo TEXT, about TEXT);
        INSERT INTO project VALUES ('v{version}', '', '', 'QualCoder');
        CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT, fulltext TEXT, mediapath TEXT, memo TEXT, owner TEXT,
            date TEXT);
        CREATE TABLE code_cat (catid INTEGER PRIMARY KEY, name TEXT, owner TEXT, date TEXT, memo TEXT,
            supercatid INTEGER);
        CREATE TABLE code_name (cid INTEGER PRIMARY KEY, name TEXT, memo TEXT, catid INTEGER, owner TEXT, date TEXT,
            color TEXT{newer});
        CREATE TABLE code_text (ctid INTEGER PRIMARY KEY, cid INTEGER, fid INTEGER, seltext TEXT, pos0 INTEGER,
            pos1 INTEGER, owner TEXT, date TEXT, memo TEXT);
        CREATE TABLE code_image (imid INTEGER PRIMARY KEY, id INTEGER, x1 INTEGER, y1 INTEGER, width INTEGER,
            height INTEGER, cid INTEGER, memo TEXT, date TEXT, owner TEXT{page});
        CREATE TABLE code_av (avid INTEGER PRIMARY KEY, id INTEGER, pos0 INTEGER, pos1 INTEGER, cid INTEGER,
            memo TEXT, date TEXT, owner TEXT);
        CREATE TABLE annotation (anid INTEGER PRIMARY KEY, fid INTEGER, pos0 INTEGER, pos1 INTEGER, memo TEXT,
            owner TEXT, date TEXT);
        CREATE TABLE cases (caseid INTEGER PRIMARY KEY, name TEXT, memo TEXT, owner TEXT, date TEXT);
        CREATE TABLE case_text (id INTEGER PRIMARY KEY, caseid INTEGER, fid INTEGER, pos0 INTEGER, pos1 INTEGER);
        CREATE TABLE attribute_type (name TEXT, date TEXT, owner TEXT, memo TEXT, caseOrFile TEXT, valuetype TEXT);
        CREATE TABLE attribute (attrid INTEGER PRIMARY KEY, name TEXT, attr_type TEXT, value TEXT, id INTEGER,
            date TEXT, owner TEXT);
        CREATE TABLE journal (jid INTEGER PRIMARY KEY, name TEXT, jentry TEXT, date TEXT, owner TEXT);"""


def qualcoder(folder: Path, *, version: int = 17) -> Path:
    """A QualCoder project folder; old versions lack the newer columns."""
    folder.mkdir()
    base = sqlite3.connect(folder / "data.qda")
    newer = ", supercid INTEGER" if version >= 16 else ""
    page = ", pdf_page INTEGER" if version >= 10 else ""
    base.executescript(QUALCODER_TABLES.format(version=version, newer=newer, page=page))
    text = "ÉLUE : C'est d'abord un budget 😀 qu'on vote.\nDGS : La confiance se mérite."
    fill_qualcoder(base, text, version)
    base.commit()
    base.close()
    return folder


def fill_qualcoder(base: sqlite3.Connection, text: str, version: int) -> None:
    """Two sources, a category, three codings, a case."""
    base.execute("INSERT INTO source VALUES (1, 'E01', ?, NULL, 'calme', 'anne', '2014')", (text,))
    base.execute("INSERT INTO source VALUES (2, 'plan.png', NULL, '/images/plan.png', '', 'anne', '2014')")
    base.execute("INSERT INTO code_cat VALUES (1, 'pilotage', 'anne', '', 'Catégorie', NULL)")
    base.execute(
        "INSERT INTO code_name (cid, name, memo, catid, color) VALUES (1, 'budget', 'Argent', 1, '#AA0000')"
    )
    base.execute(
        "INSERT INTO code_name (cid, name, memo, catid, color) VALUES (2, 'confiance', '', NULL, '')"
    )
    if version >= 16:
        base.execute("INSERT INTO code_name (cid, name, catid, supercid) VALUES (3, 'sous-code', NULL, 2)")
    for i, (code, phrase, owner) in enumerate(
        [(1, "un budget", "anne"), (1, "un budget", "bruno"), (2, "confiance", "anne")]
    ):
        start = text.index(phrase)
        row = (i + 1, code, 1, phrase, start, start + len(phrase), owner, "2014", "à revoir" if not i else "")
        base.execute("INSERT INTO code_text VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    base.execute("INSERT INTO code_text VALUES (9, 99, 1, 'x', 0, 1, 'anne', '', '')")
    base.execute(
        "INSERT INTO code_image (imid, id, x1, y1, width, height, cid, owner) VALUES (1, 2, 5, 6, 10, 20, 2, 'anne')"
    )
    base.execute("INSERT INTO annotation VALUES (1, 1, 0, 4, 'qui ?', 'anne', '')")
    base.execute("INSERT INTO cases VALUES (1, 'Mairie de B', 'petite', 'anne', '')")
    last = 0 if version < 10 else len(text)
    base.execute("INSERT INTO case_text VALUES (1, 1, 1, 0, ?)", (last,))
    base.execute("INSERT INTO attribute_type VALUES ('Habitants', '', '', '', 'case', 'numeric')")
    base.execute("INSERT INTO attribute VALUES (1, 'Habitants', 'case', '12000', 1, '', '')")
    base.execute("INSERT INTO journal VALUES (1, 'Carnet', 'Première lecture', '', 'anne')")


FRENCH = [
    "Couleur",
    "Commentaire",
    "Groupe de documents",
    "Nom du document",
    "Code",
    "Début",
    "Fin",
    "Poids",
    "Segment",
    "Auteur",
]
POLISH = [
    "Kolor",
    "Komentarz",
    "Grupa dokumentów",
    "Nazwa dokumentu",
    "Kod",
    "Początek",
    "Koniec",
    "Waga",
    "Fragment",
    "Autor",
]
GERMAN = [
    "Farbe",
    "Kommentar",
    "Dokumentgruppe",
    "Dokumentname",
    "Code",
    "Anfang",
    "Ende",
    "Gewicht",
    "Segment",
    "Erstellt von",
]
SEGMENTS = [
    [
        "●",
        "central",
        "Élus",
        "E01",
        "pilotage > budget",
        "2",
        "2",
        "0",
        "un budget voté\nen décembre",
        "Anne",
    ],
    ["●", "", "Élus", "E01", "usage", "2", "2", "0", "un budget voté\nen décembre", "Anne"],
    ["●", "", "DGS", "E02", "pilotage > réunions", "4", "5", "80", "la réunion", "Bruno"],
]


def maxqda(path: Path, headings: list[str]) -> Path:
    """MAXQDA's table of coded segments."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(headings)
    for row in SEGMENTS:
        book.active.append(row)
    book.save(path)
    return path
