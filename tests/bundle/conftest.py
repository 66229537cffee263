"""Real archives, made where they are used; `read` opens a bundle and reads everything in it."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from backuptrace.bundle.artifact import Artifact
from backuptrace.bundle.limits import Limits
from backuptrace.bundle.opening import open_bundle
from backuptrace.model import Problem


@dataclass
class Seen:
    name: str
    kind: str
    order: list[str]
    artifacts: dict[str, Artifact]
    texts: dict[str, bytes]
    problems: list[Problem]

    def kinds(self, where: str | None = None) -> list[str]:
        return [problem.kind for problem in self.problems if where is None or problem.where == where]


Read = Callable[..., Seen]


@pytest.fixture
def read() -> Read:
    def reader(path: Path | str, limits: Limits | None = None, block: int = 1 << 20) -> Seen:
        view = memoryview(bytearray(block))
        with open_bundle(path, limits) as bundle:
            seen = Seen(bundle.name, bundle.kind, [], {}, {}, bundle.problems)
            for artifact in bundle.artifacts():
                parts = []
                while got := artifact.readinto(view):
                    parts.append(bytes(view[:got]))
                assert artifact.path not in seen.texts, "every path stands for one artifact"
                assert artifact.readinto(view) == 0, "the end stays the end"
                seen.order.append(artifact.path)
                seen.artifacts[artifact.path] = artifact
                seen.texts[artifact.path] = b"".join(parts)
        for problem in seen.problems:
            assert problem.kind and problem.what, problem
            assert problem.fix or problem.kind == "sparse", problem
            assert problem.where.isprintable() and len(problem.where) < 300
        return seen

    return reader


@pytest.fixture
def make_zip() -> Callable[..., bytes]:
    def maker(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return out.getvalue()

    return maker


@pytest.fixture
def make_tar() -> Callable[..., bytes]:
    def maker(members: dict[str, bytes], mode: str = "w", **fields: object) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
            for name, data in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                for field, value in fields.items():
                    setattr(info, field, value)
                archive.addfile(info, io.BytesIO(data))
        return out.getvalue()

    return maker
