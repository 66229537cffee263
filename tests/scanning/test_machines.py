"""Which machine exports are about, and where a lock or another object lies."""

from __future__ import annotations

import pytest

from backuptrace.scanning.machines import Machine, choose, machine_of, place_of

VM = "/subscriptions/s/resourceGroups/RG/providers/Microsoft.Compute/virtualMachines/Vm01"
A, B = Machine("a", "g"), Machine("b", "g")


@pytest.mark.parametrize(
    ("text", "machine"),
    [
        (VM, Machine("vm01", "rg")),
        (VM + "/extensions/x", Machine("vm01", "rg")),
        (VM.replace("Microsoft.Compute", "Microsoft.ClassicCompute"), Machine("vm01", "rg")),
        ("VM;iaasvmcontainerv2;RG;Vm01", Machine("vm01", "rg")),
        ("IaasVMContainer;iaasvmcontainerv2;rg;vm01", Machine("vm01", "rg")),
        ("Vm01", Machine("vm01")),
        ("", None),
        ("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/disks/d", None),
    ],
)
def test_machine_of(text: str, machine: Machine | None) -> None:
    assert machine_of(text) == machine


def test_what_was_asked_for_alone_tells() -> None:
    assert choose([A], [[A], [A, B], [B], [B]]).machine == A


def test_lists_of_one_machine_tell_if_most_agree() -> None:
    assert choose([], [[A], [A], [B], [A, B]]).machine == A
    assert choose([], [[A], [B]]).machine is None


def test_the_same_name_in_two_groups() -> None:
    assert choose([], [[Machine("a", "g"), Machine("a", "h"), B]]).machine is None
    assert choose([Machine("a")], [[Machine("a", "g"), B]]).machine == A


def test_a_machine_that_cannot_be_told_leaves_what_is_about_none() -> None:
    choice = choose([], [[A, B]])
    assert choice.concerns(None)
    assert not choice.concerns(A)


def lock(scope: str) -> str:
    return f"{scope}/providers/Microsoft.Authorization/locks/keep"


@pytest.mark.parametrize(
    ("scope", "place"),
    [
        (lock("/subscriptions/s"), "subscription"),
        ("/providers/Microsoft.Management/managementGroups/root", "subscription"),
        (lock("/subscriptions/s/resourceGroups/AzureBackupRG_westeurope_1"), "points"),
        (lock("/subscriptions/s/resourceGroups/Custom1"), "points"),
        (
            "/subscriptions/s/resourceGroups/AzureBackupRG_westeurope_1/providers/Microsoft.Compute/restorePointCollections/AzureBackup_vm01_28/restorePoints/p",
            "points",
        ),
        ("/subscriptions/s/resourceGroups/AzureBackupRG_westeurope_1/providers/Microsoft.Compute/restorePointCollections/AzureBackup_vm02_28", "other-points"),
        (lock("/subscriptions/s/resourceGroups/rg"), "vm-group"),
        (lock(VM), "vm"),
        (lock("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic"), "elsewhere"),
        (lock("/subscriptions/s/resourceGroups/other"), "elsewhere"),
        ("no id", ""),
    ],
)
def test_place_of(scope: str, place: str) -> None:
    assert place_of(scope, Machine("vm01", "rg"), {"custom1"}) == place
