"""Every place where the data of a file does not fit its shape, in words: msgspec stops at the first and speaks of its own types."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple

from msgspec import inspect

from backuptrace.knowledge.describing import note

_PLAIN: dict[type, str] = {inspect.StrType: "text", inspect.IntType: "a whole number", inspect.BoolType: "true or false", inspect.NoneType: "nothing"}


class Misfit(NamedTuple):
    """`path` of the value (or of its key, if `at_key`), what is wrong there, what to write instead."""

    path: str
    what: str
    fix: str
    at_key: bool = False


def misfits(data: Any, kind: Any) -> list[Misfit]:
    """All of them, in reading order of the shape."""
    return list(_misfits(_info(kind), data, "$", ""))


@cache
def _info(kind: Any) -> inspect.Type:
    return inspect.type_info(kind)


def _misfits(info: inspect.Type, data: Any, path: str, hint: str) -> Iterator[Misfit]:
    if isinstance(info, inspect.UnionType):
        yield from _of_union(info, data, path, hint)
    elif isinstance(info, inspect.LiteralType):
        if data not in info.values or isinstance(data, bool):
            yield Misfit(path, f"{_shown(data)} is none of the known values", _instead(data, [str(value) for value in info.values]))
    elif not _same_form(info, data):
        yield Misfit(path, f"{_form(data)} where {_wanted(info)} belongs", _rewrite(info, data, hint))
    elif isinstance(info, inspect.StructType):
        yield from _of_struct(info, data, path)
    elif isinstance(info, inspect.DictType):
        for key, value in data.items():
            yield from _misfits(info.value_type, value, f"{path}.{key}", hint)
    elif isinstance(info, inspect.ListType):
        for n, item in enumerate(data):
            yield from _misfits(info.item_type, item, f"{path}[{n}]", hint)


def _of_struct(info: inspect.StructType, data: dict[str, Any], path: str) -> Iterator[Misfit]:
    known = {field.encode_name: field for field in info.fields}
    missing = [name for name, field in known.items() if field.required and name not in data]
    for key in data:
        if key not in known:
            close = get_close_matches(key, [name for name in known if name not in data], 1, 0.6)
            missing = [name for name in missing if name not in close]
            fix = f"did you mean `{close[0]}`?" if close else "known here are: " + ", ".join(known)
            yield Misfit(f"{path}.{key}", f"unknown key `{key}`", fix, at_key=True)
    for name in missing:
        told = note(info.cls, name)
        yield Misfit(path, f"the key `{name}` is missing", f"add `{name}:`" + (f" ({told})" if told else ""))
    for name, field in known.items():
        if name in data:
            yield from _misfits(field.type, data[name], f"{path}.{name}", note(info.cls, name))


def _of_union(info: inspect.UnionType, data: Any, path: str, hint: str) -> Iterator[Misfit]:
    """The faults of the branch whose form the data has; of none, if one branch fits."""
    found = [(branch, list(_misfits(branch, data, path, hint))) for branch in info.types]
    if all(wrong for _, wrong in found):
        formed = [wrong for branch, wrong in found if _same_form(branch, data) and not isinstance(branch, inspect.LiteralType)]
        if formed:
            yield from min(formed, key=len)
        else:
            literals = [str(value) for branch in info.types if isinstance(branch, inspect.LiteralType) for value in branch.values if value]
            forms = [_wanted(branch) for branch in info.types if not isinstance(branch, inspect.LiteralType | inspect.NoneType)]
            fix = _instead(data, literals) if literals else _rewrite(info, data, hint)
            yield Misfit(path, f"{_form(data)} where {' or '.join([*literals, *forms])} belongs", fix)


def _same_form(info: inspect.Type, data: Any) -> bool:
    if isinstance(info, inspect.UnionType):
        return any(_same_form(branch, data) for branch in info.types)
    if isinstance(data, dict):
        return isinstance(info, inspect.StructType | inspect.DictType | inspect.AnyType)
    if isinstance(data, list):
        return isinstance(info, inspect.ListType | inspect.AnyType)
    forms = {bool: inspect.BoolType, int: inspect.IntType, str: inspect.StrType, type(None): inspect.NoneType}
    return isinstance(info, forms[type(data)] | inspect.AnyType) or (isinstance(info, inspect.LiteralType) and data in info.values)


def _form(data: Any) -> str:
    if isinstance(data, bool):
        return f"{str(data).lower()} without quotes"
    if data is None:
        return "nothing"
    return {dict: "a mapping", list: "a list", int: "a number", str: "text"}[type(data)]


def _shown(data: Any) -> str:
    return repr(data) if isinstance(data, str) else _form(data) if isinstance(data, dict | list | bool | None) else str(data)


def _wanted(info: inspect.Type) -> str:
    if isinstance(info, inspect.UnionType):
        return " or ".join(dict.fromkeys(_wanted(branch) for branch in info.types if not isinstance(branch, inspect.NoneType)))
    if isinstance(info, inspect.ListType):
        return "a list"
    return _PLAIN.get(type(info), "a mapping with keys")


def _instead(data: Any, values: list[str]) -> str:
    values = [value for value in values if value]
    close = get_close_matches(str(data), values, 1, 0.6)
    return f"did you mean `{close[0]}`?" if close else "write " + " or ".join(f"`{value}`" for value in values)


def _rewrite(info: inspect.Type, data: Any, hint: str) -> str:
    why = f" ({hint})" if hint else ""
    if isinstance(info, inspect.StrType | inspect.UnionType) and isinstance(data, bool | int):
        return f"put it in quotes: '{str(data).lower()}'{why}"
    if isinstance(info, inspect.ListType) and isinstance(data, str | int):
        return f"write [{data}], or each item on its own line behind a dash{why}"
    if isinstance(info, inspect.StructType):
        return "write its keys below it, indented by two blanks: " + ", ".join(field.encode_name for field in info.fields if field.required)
    if isinstance(info, inspect.DictType):
        return f"write `name: value` pairs below it, indented by two blanks{why}"
    return f"write {_wanted(info)}{why}"
