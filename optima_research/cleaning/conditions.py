"""Conditions and formulas on columns that a reader of the trail understands, evaluated without ``eval``.

``"direction == 'Culture' and age >= 18"``, ``"missing(Q1[SQ001])"``, ``"statut dans ['titulaire', 'stagiaire']"``.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from optima_research.cleaning.steps import expand, matching_code, require_columns
from optima_research.codebook import Measure, MissingKind
from optima_research.errors import CleaningError, suggest
from optima_research.language import _
from optima_research.survey import Survey

_FRENCH = {"et": "and", "ou": "or", "non": "not", "dans": "in", "pas": "not"}
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_QUOTED = re.compile(r"""("[^"]*"|'[^']*'|`[^`]*`)""")


def matches(survey: Survey, condition: str) -> pd.Series:
    """Which respondents meet a condition.

    Parameters
    ----------
    survey : Survey
    condition : str
        Comparisons of columns with codes, labels, numbers or dates, joined by ``and or not in`` (or ``et ou non
        dans``); ``missing(X)``, ``missing(X, "refused")``, ``answered(X)``, ``count_answered(X, Y, …)`` where X may be
        a set of the codebook. A column name with spaces goes between backquotes.

    Returns
    -------
    Series of bool
        A comparison with a missing answer is neither true nor false, and matches nobody; nor does its negation.

    Raises
    ------
    CleaningError
        The condition cannot be read, or compares a column with an answer its codebook does not know.
    SurveyError
        A column does not exist.

    Examples
    --------
    >>> from optima_research.codebook import Codebook, Variable
    >>> book = Codebook([Variable("sexe", values={"F": "Femme", "H": "Homme"}), Variable("age", measure="ratio")])
    >>> survey = Survey.build(pd.DataFrame({"sexe": ["F", "H", None], "age": [40, 17, 50]}), book)
    >>> matches(survey, "sexe == 'Femme' or age < 18").tolist()
    [True, True, False]
    """
    result = _Evaluation(survey, condition).truth(_parsed(condition))
    return result.fillna(False).astype(bool)


def computed(survey: Survey, formula: str) -> pd.Series:
    """The numbers an arithmetic formula gives (``"annee_enquete - annee_entree"``); missing where a term is."""
    result = _Evaluation(survey, formula).number(_parsed(formula))
    return result if isinstance(result, pd.Series) else pd.Series(float(result), index=survey.answers.index)


class _Evaluation:
    def __init__(self, survey: Survey, text: str) -> None:
        self.survey = survey
        self.text = text

    def truth(self, node: ast.expr) -> pd.Series:
        match node:
            case ast.BoolOp():
                parts = [self.truth(value) for value in node.values]
                result = parts[0]
                for part in parts[1:]:
                    result = (result & part) if isinstance(node.op, ast.And) else (result | part)
                return result
            case ast.UnaryOp(op=ast.Not()):
                return ~self.truth(node.operand)
            case ast.Compare():
                return self._chain(node)
            case ast.Call():
                return self._presence(node)
            case _:
                raise self._unreadable(ast.unparse(node))

    def number(self, node: ast.expr) -> Any:
        match node:
            case ast.BinOp() if type(node.op) in _ARITHMETIC:
                return _ARITHMETIC[type(node.op)](self.number(node.left), self.number(node.right))
            case ast.UnaryOp(op=ast.USub()):
                return -self.number(node.operand)
            case ast.Constant(value=int() | float()):
                return node.value
            case ast.Call(func=ast.Name(id="count_answered")):
                return self._counted(node)
            case ast.Name() | ast.Subscript():
                return self.survey.numeric(self._column(node))
            case _:
                raise self._unreadable(ast.unparse(node))

    def _chain(self, node: ast.Compare) -> pd.Series:
        sides = [node.left, *node.comparators]
        result: pd.Series | None = None
        for left, comparison, right in zip(sides[:-1], node.ops, sides[1:], strict=True):
            part = self._comparison(left, comparison, right)
            result = part if result is None else result & part
        if result is None:
            raise self._unreadable(self.text)
        return result

    def _comparison(self, left: ast.expr, comparison: ast.cmpop, right: ast.expr) -> pd.Series:
        if type(comparison) in _ORDER:
            return _ORDER[type(comparison)](self._ordered(left, right), self._ordered(right, left)).astype(
                "boolean"
            )
        name = self._column(left)
        constants = [self._constant(value) for value in getattr(right, "elts", [right])]
        column = self.survey.answers[name]
        found = column.isin([self._code(name, constant) for constant in constants]).astype("boolean")
        found = found.mask(column.isna())
        return ~found if isinstance(comparison, (ast.NotEq, ast.NotIn)) else found

    def _ordered(self, node: ast.expr, other: ast.expr) -> Any:
        if isinstance(node, (ast.Name, ast.Subscript)):
            name = self._column(node)
            column = self.survey.answers[name]
            if self.survey.codebook[name].measure is Measure.DATE or pd.api.types.is_datetime64_any_dtype(
                column.dtype
            ):
                return pd.to_datetime(column, errors="coerce")
            return self.survey.numeric(name).astype("Float64")
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self._rank(node.value, self._column(other))
        return self.number(node)

    def _rank(self, text: str, name: str) -> Any:
        """A label of an ordered item as its rank, or a date written as text."""
        variable = self.survey.codebook[name]
        if variable.measure is Measure.DATE:
            return pd.Timestamp(text)
        code = self._code(name, text)
        if variable.scores:
            return variable.scores[code]
        return float(code) if str(code).lstrip("-").isdigit() else float(variable.codes.index(code) + 1)

    def _code(self, name: str, constant: Any) -> Any:
        variable = self.survey.codebook[name]
        code = matching_code(self.survey.answers[name], constant)
        if not variable.values or code in variable.values:
            return code
        for known, label in variable.values.items():
            if label == constant:
                return known
        raise CleaningError(
            _("« {value} » is neither a code nor a label of « {name} ».", value=constant, name=name),
            where=self.text,
            expected=", ".join(f"{known} = {label}" for known, label in list(variable.values.items())[:8]),
            hint=suggest(constant, [*variable.values, *variable.values.values()]),
        )

    def _presence(self, node: ast.Call) -> pd.Series:
        function = node.func.id if isinstance(node.func, ast.Name) else ""
        names = expand(self.survey, [self._name(node.args[0])]) if node.args else []
        if function == "answered" and names:
            return self.survey.answers[names].notna().all(axis=1).astype("boolean")
        if function == "missing" and names:
            kinds = [str(self._kind(argument)) for argument in node.args[1:]]
            if kinds:
                return self.survey.missing[names].isin(kinds).all(axis=1).astype("boolean")
            return self.survey.answers[names].isna().all(axis=1).astype("boolean")
        raise self._unreadable(ast.unparse(node))

    def _counted(self, node: ast.Call) -> pd.Series:
        names = expand(self.survey, [self._name(argument) for argument in node.args])
        return self.survey.answers[names].notna().sum(axis=1)

    def _kind(self, node: ast.expr) -> MissingKind:
        value = self._constant(node)
        if value not in set(MissingKind):
            raise CleaningError(
                _("« {value} » is not a kind of missing.", value=value),
                where=self.text,
                expected=", ".join(map(str, MissingKind)),
            )
        return MissingKind(value)

    def _constant(self, node: ast.expr) -> Any:
        try:
            return ast.literal_eval(node)
        except ValueError:
            raise CleaningError(
                _("« {value} » is compared with as if it were a value.", value=ast.unparse(node)),
                where=self.text,
                hint=_("Write texts between quotation marks: direction == 'Culture'."),
            ) from None

    def _name(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name) and (quoted := re.fullmatch(r"_quoted_([0-9a-f]*)_", node.id)):
            return bytes.fromhex(quoted[1]).decode()
        if isinstance(node, (ast.Name, ast.Subscript)):
            return ast.unparse(node).replace("'", "")
        raise self._unreadable(ast.unparse(node))

    def _column(self, node: ast.expr) -> str:
        return require_columns(self.survey, [self._name(node)], "condition")[0]

    def _unreadable(self, part: str) -> CleaningError:
        return _unreadable(self.text, part)


def _parsed(text: str) -> ast.expr:
    pieces = _QUOTED.split(text)
    for position, piece in enumerate(pieces):
        if piece.startswith("`"):
            pieces[position] = f"_quoted_{piece.strip('`').encode().hex()}_"
        elif not piece.startswith(("'", '"')):
            pieces[position] = re.sub(
                r"(?<![\w\[])[a-z]+(?![\w\[\]])", lambda word: _FRENCH.get(word[0], word[0]), piece
            )
    try:
        return ast.parse("".join(pieces).strip(), mode="eval").body
    except SyntaxError as error:
        raise _unreadable(text, error.text or text) from error


def _unreadable(text: str, part: str) -> CleaningError:
    return CleaningError(
        _("This condition cannot be read: « {text} ».", text=text),
        got=part if part.strip() != text.strip() else None,
        hint=_('Compare columns with values: "direction == \'Culture\' and age >= 18", "missing(Q1)".'),
    )
