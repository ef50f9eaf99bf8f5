"""A planner's own tables: what it costs to go from demand to supply, how much demand there is, how much capacity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from warnings import catch_warnings, simplefilter

import numpy as np
import pandas as pd

from geo.errors import InvalidInput, SourceUnreadable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

_HEADER_LINES = 1


@dataclass(frozen=True, slots=True)
class Amounts:
    """Ids in the order of their file, and one number for each.

    Attributes
    ----------
    ids
        As they are written, leading zeros kept; none stands twice.
    amount
        Shape ``(n,)``, none below 0.
    """

    ids: tuple[str, ...]
    amount: FloatArray


class Costs(NamedTuple):
    """Pairs with their cost, aligned: positions of demand and of supply, each pair once, and a cost from 0 on."""

    demand: NDArray[np.int64]
    supply: NDArray[np.int64]
    cost: FloatArray


def read_amounts(path: Path, *, key: str, amount: str) -> Amounts:
    """Read a table of ids and amounts, such as ``demand,weight`` or ``supply,capacity``.

    Raises
    ------
    SourceUnreadable
        If the file cannot be read as CSV.
    InvalidInput
        For a column that is missing, an id that is empty or stands twice, an amount that is no number from 0 on.
    """
    table = _read(path, (key, amount))
    ids = table[key]
    if (twice := ids.duplicated()).any():
        raise InvalidInput(f"{path.name}, line {_line(twice)}: this {key} stands twice", field=key)
    return Amounts(tuple(ids), _numbers(table, amount, path))


def read_ids(path: Path, *, key: str) -> tuple[str, ...]:
    """Read a column of ids, each once, in the order in which they first appear; other columns are left alone.

    Raises
    ------
    SourceUnreadable, InvalidInput
        As :func:`read_amounts`.
    """
    return tuple(dict.fromkeys(_read(path, (key,))[key]))


def read_points(path: Path) -> FloatArray:
    """Read a table ``lon,lat`` of points in degrees; other columns are left alone.

    Returns
    -------
    ndarray
        Shape ``(n, 2)``, in the order of the file.

    Raises
    ------
    SourceUnreadable, InvalidInput
        As :func:`read_amounts`; also for a number that is no longitude or latitude.
    """
    table = _read(path, ("lon", "lat"))
    return np.column_stack([_numbers(table, name, path, within=most) for name, most in (("lon", 180.0), ("lat", 90.0))])


def find_keys(path: Path, *choices: str) -> str:
    """Tell which of some names a table has as a column; the first that it has, and the first of all if it has none.

    Raises
    ------
    SourceUnreadable, InvalidInput
        If the file cannot be read as CSV, or is empty.
    """
    try:
        header = pd.read_csv(path, dtype="string", nrows=0, encoding="utf-8-sig")
    except pd.errors.EmptyDataError:
        raise InvalidInput(f"{path.name} is empty; its first line must name a column {choices[0]}") from None
    except (OSError, UnicodeError, pd.errors.ParserError):
        raise SourceUnreadable(f"{path.name} cannot be read as a CSV file in UTF-8") from None
    names = {str(name).strip() for name in header.columns}
    return next((choice for choice in choices if choice in names), choices[0])


def read_pairs(
    path: Path, demand: Sequence[str], supply: Sequence[str], *, keys: tuple[str, str] = ("demand", "supply")
) -> Costs:
    """Read a table ``demand,supply,cost``; a pair that is not in it cannot be travelled.

    Parameters
    ----------
    demand, supply
        The ids there are, in the order of the arrays to come.
    keys
        What the two columns of ids are called.

    Raises
    ------
    SourceUnreadable, InvalidInput
        As :func:`read_amounts`; also for an id that is not among those, and for a pair that stands twice.
    """
    table = _read(path, (*keys, "cost"))
    row, column = (_find(table[name], ids, path) for name, ids in zip(keys, (demand, supply), strict=True))
    if (twice := table.duplicated(list(keys))).any():
        raise InvalidInput(f"{path.name}, line {_line(twice)}: this pair stands twice", field="cost")
    cost = _numbers(table, "cost", path)
    return Costs(row, column, cost)


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    try:
        with catch_warnings():
            # a row longer than the header would be cut off with no more than a warning
            simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                path,
                dtype="string",
                index_col=False,
                keep_default_na=False,
                skip_blank_lines=False,
                encoding="utf-8-sig",
            )
    except pd.errors.EmptyDataError:
        raise InvalidInput(f"{path.name} is empty; its first line must be {','.join(columns)}") from None
    except (OSError, UnicodeError, pd.errors.ParserError, pd.errors.ParserWarning):
        raise SourceUnreadable(f"{path.name} cannot be read as a CSV file in UTF-8") from None
    table.columns = pd.Index([str(name).strip() for name in table.columns])
    for name in columns:
        if name not in table:
            raise InvalidInput(f"{path.name} has no column {name}", field=name)
        if (table.columns == name).sum() > 1:
            raise InvalidInput(f"{path.name} has the column {name} twice", field=name)
        table[name] = table[name].fillna("").str.strip()
    table = table.loc[(table[list(columns)] != "").any(axis=1)]  # a blank line says nothing
    for name in columns:
        if (empty := table[name] == "").any():
            raise InvalidInput(f"{path.name}, line {_line(empty)}: {name} is empty", field=name)
    return table


def _numbers(table: pd.DataFrame, name: str, path: Path, *, within: float | None = None) -> FloatArray:
    """Read a column of numbers: from 0 on, or no farther from 0 than ``within``."""
    read = pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    wrong = ~(np.isfinite(read) & ((read >= 0) if within is None else (np.abs(read) <= within)))
    if wrong.any():
        line = _line(pd.Series(wrong, index=table.index))
        allowed = "from 0 on" if within is None else f"from -{within:g} to {within:g}"
        raise InvalidInput(f"{path.name}, line {line}: {name} must be a number {allowed}", field=name)
    return read


def _find(asked: pd.Series, known: Sequence[str], path: Path) -> NDArray[np.int64]:
    found = pd.Index(pd.Series(known, dtype="string")).get_indexer(pd.Index(asked))
    if (found < 0).any():
        line = _line(pd.Series(found < 0, index=asked.index))
        raise InvalidInput(f"{path.name}, line {line}: there is no such {asked.name}", field=str(asked.name))
    return np.asarray(found, np.int64)


def _line(where: pd.Series) -> int:
    """Give the line of a file that the first true row stands on."""
    return int(where[where].index[0]) + _HEADER_LINES + 1
