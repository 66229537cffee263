"""Columns of a table for pyarrow, made of buffers. pyarrow's own way from Python values loads pandas, which takes longer than writing all the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_Maker = Callable[[Sequence[Any], Any], Any]


def column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Values, None where one is missing, as the type says: text, lists of text, int64, float64, truths, or moments from UTC text of a report.

    Raises TypeError for another type, and what numpy or the encoding raises for values that do not fit.
    """
    from pyarrow import types

    for name, make in _MAKERS.items():
        if getattr(types, name)(kind):
            return make(values, kind)
    raise TypeError(f"no column of the type {kind}")


def _known(values: Sequence[Any]) -> pa.Buffer | None:
    """A bit for each value, set where there is one; None where none is missing."""
    return None if None not in values else _bits([value is not None for value in values])


def _bits(truths: Sequence[bool]) -> pa.Buffer:
    import numpy as np
    import pyarrow as pa

    return pa.py_buffer(np.packbits(np.array(truths, dtype=bool), bitorder="little"))


def _offsets(lengths: Sequence[int]) -> pa.Buffer:
    import numpy as np
    import pyarrow as pa

    return pa.py_buffer(np.fromiter(accumulate(lengths, initial=0), dtype=np.int32, count=len(lengths) + 1))


def _texts(values: Sequence[str | None], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    encoded = [b"" if value is None else value.encode() for value in values]
    return pa.Array.from_buffers(kind, len(values), [_known(values), _offsets([len(one) for one in encoded]), pa.py_buffer(b"".join(encoded))])


def _lists(values: Sequence[Sequence[str] | None], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    rows = [value or () for value in values]
    inner = _texts(list(chain.from_iterable(rows)), kind.value_type)
    return pa.Array.from_buffers(kind, len(values), [_known(values), _offsets([len(row) for row in rows])], children=[inner])


def _numbers(dtype: str) -> _Maker:
    def make(values: Sequence[float | None], kind: pa.DataType) -> pa.Array:
        import numpy as np
        import pyarrow as pa

        data = np.array([0 if value is None else value for value in values], dtype=dtype)
        return pa.Array.from_buffers(kind, len(values), [_known(values), pa.py_buffer(data)])

    return make


def _truths(values: Sequence[bool | None], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    return pa.Array.from_buffers(kind, len(values), [_known(values), _bits([bool(value) for value in values])])


def _moments(values: Sequence[str | None], kind: pa.DataType) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    stamps = np.array([None if value is None else value[:-1] for value in values], dtype="datetime64[us]")
    return pa.Array.from_buffers(kind, len(values), [_known(values), pa.py_buffer(stamps.view(np.int64))])


_MAKERS: dict[str, _Maker] = {
    "is_string": _texts,
    "is_list": _lists,
    "is_int64": _numbers("int64"),
    "is_float64": _numbers("float64"),
    "is_boolean": _truths,
    "is_timestamp": _moments,
}
"""What pyarrow tells a type by -> what makes its columns."""
