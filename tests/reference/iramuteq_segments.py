"""Segments that IRaMuTeQ cuts from texts of our own: its cleaning and its cutting, run from its own file.

python tests/reference/iramuteq_segments.py corpus.py
    corpus.py: that file of IRaMuTeQ; its default options are used, without its dictionary of expressions.
Writes iramuteq_segments.json beside itself.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

KEPT = (
    "^a-zA-Z0-9àÀâÂäÄáÁåÅãéÉèÈêÊëËìÌîÎïÏíÍóÓòÒôÔöÖõÕøØùÙûÛüÜúÚçÇßœŒ’ñÑ.:,;!?'_-"  # keep_caract of corpus.cfg
)
FUNCTIONS = ("decouperlist", "prep_txtlist")
METHODS = (
    "buildcleans make_expression dolower docharact doapos dotiret firstclean make_cleans make_uces".split()
)
SENTENCES = (
    "Le conseil a voté le budget de la commune, hier soir.",
    "On n'a pas assez d'agents : l'équipe s'épuise ; les départs ne sont pas remplacés…",
    "« C'est-à-dire que la métropole décide », dit le maire (souvent).",
    "Pourquoi mutualiser ? Parce que les moyens manquent !",
    "L'accueil des habitants, aujourd'hui, prend 1,5 fois plus de temps qu'avant",
    "Œuvrer ensemble... voilà ce que demande le service de l'eau; rien d'autre",
    "et puis la direction générale a dit oui mais sans crédit ni poste ni calendrier",
)


def texts() -> list[str]:
    """Sentences in several orders and lengths, some hardly punctuated."""
    every = [SENTENCES[(3 * i + i // 7) % 7] for i in range(21)]
    bare = " ".join(re.sub(r"[.?!,;:…]", "", sentence) for sentence in every)
    commas = ", ".join(sentence.rstrip(".!?…") for sentence in every[:9])
    return [" ".join(every), " ".join(every[5:12]), " ".join(every[2:4]), bare, commas, "", "... ! ?"]


def iramuteq(path: Path) -> Any:
    """The functions that cut, taken out of a file whose other imports are not needed."""
    body: list[ast.stmt] = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name in FUNCTIONS:
            body.append(node)
        if isinstance(node, ast.ClassDef):
            body += [f for f in node.body if isinstance(f, ast.FunctionDef) and f.name in METHODS]
    names: dict[str, Any] = {"re": re}
    exec(compile(ast.Module(body, []), str(path), "exec"), names)
    return names


def cut(names: Any, text: str, size: int) -> list[str]:
    """One text in segments, as a corpus with the default options has them."""
    corpus = type("Corpus", (), {"parametres": {"charact": 1, "keep_caract": KEPT}})()
    pauses = [" ", ".", "£$£", ";", "?", "!", ",", ":", ""]
    fields = {
        "corpus": corpus,
        "cleans": [],
        "expressions": {},
        "ponctuation_espace": pauses,
        "ucesize": size,
    }
    methods = {name: names[name] for name in METHODS}
    builder = type("Builder", (), methods)()
    vars(builder).update(fields, decouper=names["decouperlist"], prep_txt=names["prep_txtlist"])
    builder.buildcleans()
    found: list[str] = builder.make_uces(builder.make_cleans(text))
    return found


def main() -> None:
    names = iramuteq(Path(sys.argv[1]))
    cases = [
        {"text": text, "size": size, "segments": cut(names, text, size)}
        for text in texts()
        for size in (40, 20, 8)
    ]
    result = {"versions": {"iramuteq": "0.8 alpha 7"}, "cases": cases}
    written = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    Path(__file__).with_suffix(".json").write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
