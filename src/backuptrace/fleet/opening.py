"""The results of a fleet for Python: `backuptrace.open_fleet(OUT)`."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, final

import msgspec

from backuptrace.errors import BundleError, UsageError
from backuptrace.fleet.folder import SUMMARY
from backuptrace.fleet.result import Result
from backuptrace.fleet.tables import path_of
from backuptrace.report.document import Report

if TYPE_CHECKING:
    import pandas as pd


def open_fleet(path: str | os.PathLike[str]) -> Fleet:
    """The results in the folder that `backuptrace fleet -o` wrote. Raises BundleError if there are none, or the run did not end yet."""
    folder = Path(path)
    try:
        result = msgspec.json.decode((folder / SUMMARY).read_bytes(), type=Result)
    except FileNotFoundError as error:
        raise BundleError("no results of a fleet", where=str(path), why=f"there is no {SUMMARY}", fix="run `backuptrace fleet` to its end") from error
    except (OSError, msgspec.DecodeError) as error:
        raise BundleError("the results cannot be read", where=str(folder / SUMMARY), why=str(error), fix="run `backuptrace fleet` again") from error
    return Fleet(folder, result)


@final
class Fleet:
    """Results of a fleet. Each table is read when it is first asked for; `bundle` joins them.

    Times are datetime64[us, UTC], missing ones NaT; whole numbers that may be missing are Int64; lists of causes are arrays.
    """

    def __init__(self, folder: Path, result: Result) -> None:
        self.folder, self.result = folder, result

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """A row for each bundle: vm, state (scanned, unreadable, failed), outcome, cause, causes (all supported), since, path of the report."""
        return self._table("verdicts")

    @cached_property
    def causes(self) -> pd.DataFrame:
        """A row for each bundle and cause for which something speaks: rank, status, confidence, first, last, hits."""
        return self._table("causes")

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """A row for each line or event that a report quotes."""
        return self._table("evidence")

    @cached_property
    def attempts(self) -> pd.DataFrame:
        """A row for each backup attempt; `keys` is JSON."""
        return self._table("attempts")

    @cached_property
    def facts(self) -> pd.DataFrame:
        """A row for each thing that a bundle says about its VM: name, value, source."""
        return self._table("facts")

    @cached_property
    def problems(self) -> pd.DataFrame:
        """A row for each thing that could not be read, was capped or failed."""
        return self._table("problems")

    def report(self, bundle: str) -> Report:
        """The whole report of a bundle by its label. Raises UsageError if there is none of this name, BundleError if it has no report."""
        rows = self.verdicts[self.verdicts["bundle"] == bundle]
        if rows.empty:
            raise UsageError("no such bundle", where=bundle, why="the fleet has none of this label", fix="see the column `bundle` of `verdicts`")
        name = rows["report"].iloc[0]
        if not isinstance(name, str):
            raise BundleError("the bundle has no report", where=bundle, why=f"it is {rows['state'].iloc[0]}", fix="see `problems`")
        return Report.from_json((self.folder / name).read_bytes())

    def _table(self, name: str) -> pd.DataFrame:
        import pandas as pd
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = path_of(self.folder, name)
        try:
            table = pq.read_table(path)
        except (OSError, pa.ArrowInvalid) as error:
            raise BundleError("the results cannot be read", where=str(path), why=str(error), fix="run `backuptrace fleet` again") from error
        return table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype(), pa.string(): pd.StringDtype()}.get)
