"""The command line is made of the command that is named, and of all of them where none is."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
import typer

from backuptrace.cli.main import COMMANDS, app_for


def names(app: typer.Typer) -> list[str]:
    plain = [command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands]
    return plain + [str(group.name or (group.typer_instance and group.typer_instance.info.name)) for group in app.registered_groups]


@pytest.mark.parametrize("module", COMMANDS)
def test_a_module_has_the_commands_that_are_told_of_it(module: str) -> None:
    app = typer.Typer()
    import_module(f"backuptrace.cli.{module}").register(app)
    assert sorted(names(app)) == sorted(COMMANDS[module])


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"], ["scna"]])
def test_all_commands_where_none_is_named(arguments: list[str]) -> None:
    assert sorted(names(app_for(arguments))) == sorted(name for told in COMMANDS.values() for name in told)


def test_only_the_module_of_a_command_that_is_named() -> None:
    assert names(app_for(["diff", "scan", "why"])) == ["diff", "verify"]
    code = "import sys; from backuptrace.cli.main import app_for; app_for(['why']); print('backuptrace.cli.fleet' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.split() == [b"False"]
