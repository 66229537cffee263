"""The demo bundles in the package, built from sample_logs: `python tests/demo/building.py` writes them anew."""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_logs" / "linux"
TARGET = ROOT / "src" / "backuptrace" / "demo"
NAMES = ("wireserver-unreachable", "fsfreeze-failed", "healthy")


def wanted(name: str) -> dict[str, bytes]:
    """Inner path -> bytes of a sample, without case.yml and without the prefix of an archive."""
    root = SAMPLES / name
    archive = root / "bundle.tar.gz"
    if not archive.exists():
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file() and path.name != "case.yml"}
    files = held(archive)
    prefix = next(path for path in files if path.endswith("etc/waagent.conf")).removesuffix("etc/waagent.conf")
    return {path.removeprefix(prefix): data for path, data in sorted(files.items())}


def held(archive: Path) -> dict[str, bytes]:
    """Inner path -> bytes of a tar.gz."""
    with tarfile.open(archive) as bundle:
        return {member.name: stream.read() for member in bundle if (stream := bundle.extractfile(member)) is not None}


def build(name: str) -> bytes:
    """A tar.gz that depends on nothing but the files: no times, no owners."""
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, packed, mtime=0) as out, tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as bundle:
        for path, data in wanted(name).items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            bundle.addfile(member, io.BytesIO(data))
    return packed.getvalue()


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for one in NAMES:
        (TARGET / f"{one}.tar.gz").write_bytes(build(one))
        sys.stdout.write(f"{one}.tar.gz\n")
