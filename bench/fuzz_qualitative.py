"""Damage the files of coding tools and IRaMuTeQ corpora, and check that reading ends in a project or an OptimaError.

    python bench/fuzz_qualitative.py [--mutations 20000] [--seed 20260101] [--workers 2]

Mutation number ``n`` of seed ``s`` is always the same: a failure is replayed with ``--only n``. The files damaged are
the small French projects of the tests, by accidents of bytes (those of ``fuzz_sources.py``) and by accidents that
leave the file of its kind (``tests/coding/qualitative/damage.py``). Reading and use may take five seconds and a worker
4 GB of address space; an error of another kind, a hang, or an OptimaError that names no place or no remedy is a
failure. One project in three is also put to work: agreement, matrix, saturation, retrieval and writing must not fall
over on what a damaged file gave.

Runs on record: ``--mutations 5000`` with seeds 41, 42, 43 and 44, 20 000 mutations in all: 9 268 refused, 10 732 read,
no failure, highest memory of a worker 257 MB (of which some 150 MB are the libraries).
"""

from __future__ import annotations

import shutil
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._fuzzing import Campaign, Damage, Sample, campaign, damaged
from optima_research.coding import qualitative as q
from optima_research.errors import AnalysisError, ExportError, OptimaError
from tests.coding.qualitative import damage, refi_fixtures, tool_fixtures

_MEMORY = 4 << 30
_TEXT = "Le budget est voté en décembre.\nLa confiance se mérite."
_CORPUS = (
    "**** *rôle_élu *taille_\nÉLU 1 : Le budget 😀 est voté en décembre.\n-*thème\nMAIRE : L’agglo mutualise.\n\n"
    "0002 *rôle_dgs *rôle_dga\r\nDGS : On n'a pas le temps, pas le temps.\n****\nRien.\n"
)
_USES: tuple[Callable[[q.CodedProject, Path], object], ...] = (
    lambda project, _folder: q.coding_agreement(project, draws=20),
    lambda project, _folder: q.code_matrix(project, draws=0).table().formatted(),
    lambda project, _folder: q.saturation(project, draws=20),
    lambda project, _folder: q.cooccurrence(project, "overlap", draws=20),
    lambda project, _folder: q.unitizing_alpha(project),
    lambda project, _folder: q.kwic(project, "budget"),
    lambda project, _folder: q.verbatims(project),
    lambda project, folder: q.read_qdpx(q.write_qdpx(project, folder / "again.qdpx")),
)


def _read_and_use(read: Callable[[Path], object]) -> Callable[[Path], object]:
    """Read; one file in three (told by its bytes, so that replays agree) also goes through the analyses."""

    def reader(path: Path) -> object:
        found = read(path)
        if zlib.crc32(path.read_bytes()) % 3 == 0:
            _use(found, path.parent)
        return found

    return reader


def _use(found: object, folder: Path) -> None:
    """Analyses may refuse what is left of a damaged project, in words; reading it again may not."""
    if isinstance(found, q.Corpus):
        q.read_iramuteq(q.write_iramuteq(found, folder / "encore.txt"))
        try:
            found.turns().segments(10).term_matrix(min_docfreq=1)
        except AnalysisError:
            return
    if isinstance(found, q.CodedProject):
        for use in _USES:
            try:
                use(found, folder)
            except (AnalysisError, ExportError):
                continue
            except OptimaError as error:
                raise RuntimeError(f"what was written cannot be read: {error}") from error


def _samples(folder: Path) -> list[Sample]:
    """Every sample twice: damaged byte by byte, and in the manner of its format."""
    good = [*_refi(folder), *_databases(folder), *_tables(folder), *_corpora(folder)]
    # The good files go through everything once: libraries are then loaded, and no clock runs while they are.
    for _name, path, read, _own in good:
        _use(read(path), folder)
    return [
        Sample(f"{name}{manner}", path, _read_and_use(read), how)
        for name, path, read, own in good
        for manner, how in (("", damaged), (", in kind", own))
    ]


Good = tuple[str, Path, Callable[[Path], object], Damage]


def _refi(folder: Path) -> list[Good]:
    found: list[Good] = []
    tools = (refi_fixtures.NVIVO, refi_fixtures.ATLAS, refi_fixtures.QUALCODER, refi_fixtures.MAXQDA)
    for i, tool in enumerate(tools):
        path = refi_fixtures.archive(folder, tool, name=f"projet{i}.qdpx")
        found.append((tool.origin, path, q.read_qdpx, damage.damaged_qdpx))
    rich = q.write_qdpx(
        q.read_qualcoder(tool_fixtures.qualcoder(folder / "riche.qda")), folder / "riche.qdpx"
    )
    found.append(("cases, regions, notes", rich, q.read_qdpx, damage.damaged_qdpx))
    found.append(("validate", found[0][1], q.validate, damage.damaged_qdpx))
    found.append(("repair", rich, lambda p: q.repair(p, p.with_name("propre.qdpx")), damage.damaged_qdpx))
    codebook = q.write_qdc(q.read_qdpx(found[0][1]), folder / "grille.qdc")
    found.append(("codebook", codebook, q.read_qdc, damage.damaged_xml))
    found.append(("validate a codebook", codebook, q.validate, damage.damaged_xml))
    return found


def _databases(folder: Path) -> list[Good]:
    several = tool_fixtures.taguette(folder / "serveur.sqlite3", projects=3)
    found: list[Good] = [
        ("Taguette", tool_fixtures.taguette(folder / "t.sqlite3"), q.read_taguette, damage.damaged_database),
        ("Taguette server", several, lambda p: q.read_taguette(p, project=1), damage.damaged_database),
    ]
    for version in (8, 17):
        path = tool_fixtures.qualcoder(folder / f"p{version}.qda", version=version) / "data.qda"
        own = path.rename(folder / f"data{version}.qda")
        found.append((f"QualCoder v{version}", own, q.read_qualcoder, damage.damaged_database))
    return found


def _tables(folder: Path) -> list[Good]:
    texts = {
        "codages.csv": "Entretien;Code;Texte;Codeur\nE1;a/b;Le budget;Anne\nE1;c;Le budget;Bruno\n",
        "places.csv": "Entretien;Début;Fin;Code;Codeur\nE1;3;9;a/b;Anne\nE1;35;44;c;Bruno\n",
        "highlights.csv": "id,document,tag,content\n1,E1,a/b,Le budget\n1,E1,c,Le budget\n2,E2,c,Rien\n",
        "matrice.csv": ";1 : Élus;2 : DGS\n1 : Pilotage;12;3\n2 : Freins;0;1\u202f205\n",
        "segments.csv": "Nom du document;Groupe de documents;Code;Début;Fin;Poids;Segment;Auteur\n"
        "E1;Élus;a > b;2;2;0;Le budget;Anne\nE1;Élus;c;2;2;80;Le budget;Bruno\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    sheet = tool_fixtures.maxqda(folder / "segments.xlsx", tool_fixtures.FRENCH)
    placed = lambda p: q.read_coded_table(p, texts={"E1": _TEXT})  # noqa: E731
    return [
        ("MAXQDA sheet", sheet, q.read_maxqda, damaged),
        ("MAXQDA text", folder / "segments.csv", q.read_maxqda, damage.damaged_table),
        ("plain table", folder / "codages.csv", q.read_coded_table, damage.damaged_table),
        ("plain table with places", folder / "places.csv", placed, damage.damaged_table),
        ("Taguette table", folder / "highlights.csv", q.read_taguette, damage.damaged_table),
        ("NVivo matrix", folder / "matrice.csv", q.read_nvivo_matrix, damage.damaged_table),
    ]


def _corpora(folder: Path) -> list[Good]:
    alone = folder / "corpus.txt"
    alone.write_text(_CORPUS, encoding="utf-8", newline="")
    named = q.write_iramuteq(
        q.Corpus([_TEXT] * 2, {"rôle": ["chef·fe", "élu"], "âge": ["a b", None]}), folder / "nom.txt"
    )
    listed = folder / "nom.modalites.csv"

    def beside(path: Path) -> q.Corpus:
        corpus = path.with_name(named.name)
        if corpus != named:
            shutil.copy(named, corpus)
        return q.read_iramuteq(corpus)

    return [
        ("IRaMuTeQ", alone, q.read_iramuteq, damage.damaged_text),
        ("IRaMuTeQ themes", alone, lambda p: q.read_iramuteq(p, themes="split"), damage.damaged_text),
        ("IRaMuTeQ names", listed, beside, damage.damaged_table),
    ]


if __name__ == "__main__":
    campaign(Campaign(__file__, _samples, "project", seconds=5, memory=_MEMORY), __doc__)
