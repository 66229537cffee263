"""`backuptrace signatures ...`: the tools of those who write signatures and formats. The guide is docs/signatures.md."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from backuptrace.cli import output
from backuptrace.cli.progress import tracked
from backuptrace.cli.running import Format, ParsersOption, SignaturesOption, run

STATUSES = """Exit status: 0 no fault; 1 internal error; 2 wrong usage; 3 a fault was found, a test failed, or a file is not in its canonical form;
130 interrupted."""
FAULTY = 3

app = typer.Typer(name="signatures", no_args_is_help=True, rich_markup_mode=None, help="Write, check, test and list signatures and formats.")


class Kind(str, Enum):
    """The kinds of data files."""

    signature = "signature"
    format_ = "format"
    cause = "cause"
    code = "code"


class NewKind(str, Enum):
    """The kinds of data files that have a template."""

    signature = "signature"
    format_ = "format"
    cause = "cause"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def register(main: typer.Typer) -> None:
    """Adds the commands."""
    main.add_typer(app)


@app.command(name="list", epilog=STATUSES, short_help="List the signatures, or with --formats the formats.")
def list_(
    *,
    format: Annotated[Format, typer.Option("--format", help="Lines to read, or JSON with everything.")] = Format.text,  # noqa: A002
    formats: Annotated[bool, typer.Option("--formats", help="The formats instead: what a selection may name as `source`.")] = False,
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
) -> None:
    """List the signatures: id, causes, sources, status, confidence and number of tests. Those of your own folders are marked with a *."""

    def work() -> int:
        import json

        from backuptrace.cli.format_text import format_table
        from backuptrace.cli.signature_text import as_table, rows
        from backuptrace.knowledge import library

        if formats:
            output.write_stdout(format_table(library.shape(library.sources(signatures or (), parsers or ()))))
            return 0
        found = rows(library.shape(library.sources(signatures or (), parsers or ())))
        output.write_stdout(json.dumps(found, indent=2, ensure_ascii=False).encode() + b"\n" if format is Format.json else as_table(found))
        return 0

    run(work)


@app.command(epilog=STATUSES, short_help="Show a signature or a format in words.")
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="A signature, such as linux.network.wireserver-unreachable, or a format, such as waagent.")],
    *,
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
) -> None:
    """Show a signature: its file, its patterns as they are searched, its verdicts in words, its tests; or a format: its files, fields and milestones."""

    def work() -> int:
        from msgspec.structs import replace

        from backuptrace.cli.format_text import format_page
        from backuptrace.cli.signature_text import chosen, described
        from backuptrace.knowledge import library
        from backuptrace.knowledge.compiling import compile_library

        shelf = library.shape(library.sources(signatures or (), parsers or ()))
        if name in shelf.formats and name not in shelf.signatures:
            output.write_stdout(format_page(shelf, name))
            return 0
        (one,) = chosen(shelf, [name], single=True)
        alone = replace(shelf, signatures={one: shelf.signatures[one]})  # the others change nothing of what is shown, and cost half a second
        output.write_stdout(described(shelf, compile_library(alone, "show"), one))
        return 0

    run(work)


@app.command(epilog=STATUSES, short_help="Find every fault in the files.")
def check(
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings count as faults.")] = False,
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
) -> None:
    """Find every fault in the files: place, reason, what to write instead. Errors end with status 3, warnings do not.

    With folders of your own, what could be said of sound built-in files is left out.
    """

    def work() -> int:
        from backuptrace.knowledge import library
        from backuptrace.knowledge.checking import check as find
        from backuptrace.knowledge.checking import counted

        shelf = library.shape(library.sources(signatures or (), parsers or ()))
        own = tuple(origin.name + ":" for origin in shelf.origins.values() if origin.own)
        found = [finding for finding in find(shelf) if not own or finding.rule == "load" or finding.fault.where.startswith(own)]
        for finding in found:
            output.write_stdout(f"{finding}\n")
        for line in shelf.overrides:
            output.note(line)
        errors, warnings = counted(found)
        read = [_count(len(shelf.signatures), "signature"), _count(len(shelf.formats), "format"), _count(len(shelf.causes), "cause")]
        output.note(f"{', '.join(read)}: {_count(errors, 'error')}, {_count(warnings, 'warning')}")
        return FAULTY if errors or (strict and warnings) else 0

    run(work)


@app.command(name="test", epilog=STATUSES, short_help="Run the tests inside signatures and formats.")
def run_tests(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Signatures or formats; * stands for any characters.")] = None,
    *,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name the tests that hold, too.")] = False,
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
) -> None:
    """Run the tests inside signatures and the samples of formats, with the real scan.

    Without ID: those of your own folders if you gave some, else all. A note names the selections of your own signatures that no test hits.
    """

    def work() -> int:
        from backuptrace.cli.signature_text import chosen, chosen_formats, proof_lines
        from backuptrace.knowledge import library
        from backuptrace.knowledge.loading import load
        from backuptrace.proving import Proof, prove, prove_format, unseen

        shelf = library.shape(library.sources(signatures or (), parsers or ()))
        knowledge = load(signatures or (), parsers or ())
        formats = chosen_formats(shelf, ids or [])
        wanted = chosen(shelf, ids or [], others=formats)
        proofs: list[Proof] = [proof for name in formats for proof in prove_format(shelf.formats[name][0], knowledge)]
        for one in tracked(wanted, "testing signatures", len(wanted)):
            proofs += prove(shelf.signatures[one][0], knowledge)
        own = [one for one in wanted if shelf.origins[shelf.signatures[one][1].name].own]
        idle = {one: unseen(shelf.signatures[one][0], knowledge) for one in (wanted if verbose else own)}
        for line in proof_lines(proofs, verbose=verbose):
            output.write_stdout(f"{line}\n")
        for one, names in idle.items():
            if names:
                output.write_stdout(f"note    {one}: no test has a record for {', '.join(names)}: does it find what it is meant to?\n")
        failed = sum(not proof.holds for proof in proofs)
        output.note(f"{_count(len(wanted), 'signature')}, {_count(len(formats), 'format')}, {_count(len(proofs), 'test')}: {failed} failed")
        return FAULTY if failed else 0

    run(work)


@app.command(epilog=STATUSES, short_help="Write a commented template.")
def new(
    name: Annotated[str, typer.Argument(metavar="ID", help="The id: linux.agent.my-fault for a signature, my-log for a format, my-cause for a cause.")],
    *,
    kind: Annotated[NewKind, typer.Option("--kind", help="What to write.")] = NewKind.signature,
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
) -> None:
    """Write a commented template that passes `check` and `test`: into the folder given last with --signatures (--parsers for a format)."""

    def work() -> int:
        from backuptrace.knowledge.templates import write_new

        folders = parsers if kind is NewKind.format_ else signatures
        path = write_new(kind.value, name, folders[-1] if folders else None)
        output.note(f"{path}: written; the guide is docs/signatures.md")
        output.write_stdout(f"{path}\n")
        return 0

    run(work)


@app.command(epilog=STATUSES, short_help="Bring data files into their canonical form.")
def fmt(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="Files or folders; by default your own folders.")] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing, name the files that would change and end with status 3.")] = False,
    signatures: SignaturesOption = None,
    parsers: ParsersOption = None,
) -> None:
    """Bring data files into their canonical form: order of keys, quotes, indentation. Comments stay where they are.

    A file in which something would get lost is left as it is and named.
    """

    def work() -> int:
        from backuptrace.cli.format_files import format_files

        return FAULTY if format_files([*(paths or ()), *map(Path, signatures or ()), *map(Path, parsers or ())], only_check=check) else 0

    run(work)


@app.command(epilog=STATUSES, short_help="Print the JSON Schema for an editor.")
def schema(kind: Annotated[Kind, typer.Argument(help="Which files.")] = Kind.signature) -> None:
    """Print the JSON Schema by which an editor completes and checks such files; docs/signatures.md tells how."""

    def work() -> int:
        from backuptrace.knowledge.schemas import shipped

        output.write_stdout(shipped(kind.value).encode())
        return 0

    run(work)
