"""The cases of sample_logs/azure: what each holds, and what must be said of it.

`python -m tests.samples.planecases` writes sample_logs/azure anew.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from . import controlplane as plane
from .controlplane import (
    POINTS_GROUP,
    SUB,
    VM,
    Objects,
    activity,
    clean,
    disks,
    everyday,
    extension_view,
    item,
    job,
    jobs,
    lock,
    model,
    role,
    texts,
    view,
    vm_id,
)

ROOT = Path(__file__).parents[2] / "sample_logs" / "azure"
BUSY = "Sicherung kann nicht initiiert werden, da derzeit ein anderer Sicherungsvorgang ausgeführt wird."
REFUSED = activity(
    "2026-11-21T03:12:09.551Z",
    "Microsoft.Compute/restorePointCollections/restorePoints/delete",
    f"{SUB}/resourceGroups/{POINTS_GROUP}/providers/Microsoft.Compute/restorePointCollections/AzureBackup_{VM}_281474976712345",
    result="Failed",
    error=(
        "ScopeLocked",
        f"The scope '{SUB}/resourceGroups/{POINTS_GROUP}' cannot perform delete operation because following scope(s) are locked: '{SUB}'. Please remove the lock and try again.",
    ),
)
DENIED = activity(
    "2026-11-22T01:01:30.551Z",
    "Microsoft.Resources/subscriptions/resourceGroups/write",
    f"{SUB}/resourceGroups/AzureBackupRG_westeurope_2",
    result="Failed",
    error=("RequestDisallowedByPolicy", "Resource 'AzureBackupRG_westeurope_2' was disallowed by policy. managedBy: Microsoft.RecoveryServices/"),
)
DEPLOYED = activity("2026-11-22T01:05:30.551Z", "Microsoft.Compute/virtualMachines/redeploy/action", vm_id(), result="Accepted")
LIMIT = "The Restore Point collection max limit has reached"
AGENT = "VM Agent unable to communicate with Azure Backup"
OF_OTHERS = [{"objectId": "7d1c", "permissions": {"certificates": [], "keys": ["get", "list"], "secrets": ["get"]}, "tenantId": "t"}]

Case = tuple[str, str | None, str, str, Objects, list[str]]
"""(cause, code, words of the evidence, note, exports, causes that may be supported as well)"""
CASES: dict[str, Case] = {
    "clean": ("none", "BackupOperationFailedV2", "", "The job failed, and nothing in the exports tells why: only the guest can.", clean(), []),
    "healthy": (
        "none",
        None,
        "",
        "Two good jobs, and everything in order.",
        clean(backup_job_list=[one for one in jobs() if one["properties"]["status"] == "Completed"], backup_item_list=[item(last="Completed")]),
        [],
    ),
    "recovered": (
        "none",
        None,
        "",
        "A job failed because another one ran; the next one was good.",
        clean(
            backup_job_list=[
                job("j3", "2026-11-22T01:00:12.4+00:00", "2026-11-22T02:31:14.5+00:00", "Completed"),
                job("j2", "2026-11-21T01:00:12.4+00:00", "2026-11-21T01:01:14.5+00:00", "Failed", code=1, text=BUSY),
                job("j1", "2026-11-20T01:00:12.4+00:00", "2026-11-20T02:31:14.5+00:00", "Completed"),
            ],
            backup_item_list=[item(last="Completed")],
        ),
        [],
    ),
    "rp-collection-lock": (
        "rp-collection-lock",
        "UserErrorRpCollectionLimitReached",
        "locks/do-not-delete",
        "A lock on the subscription keeps old restore points.",
        clean(
            backup_job_list=jobs(LIMIT),
            lock_list=[lock("net"), lock(None)],
            restore_point_collection_show=plane.collection(19),
            activity_log_list=everyday(REFUSED),
        ),
        [],
    ),
    "rp-collection-limit": (
        "rp-collection-limit",
        "UserErrorRpCollectionLimitReached",
        "AzureBackup_shop-db01",
        "Several backups a day with a long instant retention.",
        clean(backup_job_list=jobs(LIMIT), lock_list=[lock("net")], restore_point_collection_show=plane.collection(18)),
        [],
    ),
    "keyvault-permissions": (
        "keyvault-permissions",
        "UserErrorKeyvaultPermissionsNotConfigured",
        "enableRbacAuthorization",
        "The vault works with roles, and the backup service has none on it.",
        clean(disk_list=disks(encrypted=True), role_assignment_list=[role("ada@example.com", "Owner")]),
        [],
    ),
    "disk-size-unsupported": (
        "disk-size-unsupported",
        "UserErrorUnsupportedDiskSize",
        "40960",
        "A data disk was enlarged to 40 TB.",
        clean(vm_get_instance_view=None, vm_show=model(data=40960), disk_list=disks(data=40960)),
        [],
    ),
    "backup-in-progress": (
        "backup-in-progress",
        "UserErrorBackupOperationInProgress",
        "InProgress",
        "Yesterday's job still moves data.",
        clean(
            backup_job_list=[
                job("j-0722", "2026-11-22T01:00:12.4+00:00", "2026-11-22T01:01:14.5+00:00", "Failed", code=1, text=BUSY),
                job("j-0721", "2026-11-21T01:00:09.1+00:00", None, "InProgress"),
                job("j-0720", "2026-11-20T01:00:10.8+00:00", "2026-11-20T02:41:05.1+00:00", "Completed"),
            ]
        ),
        [],
    ),
    "not-protected": (
        "not-protected",
        "UserErrorBcmDatasourceNotPresent",
        "ProtectionStopped",
        "Protection was stopped and the data kept.",
        clean(backup_item_list=[item("ProtectionStopped")], backup_job_list=None),
        [],
    ),
    "policy-denied": (
        "policy-denied",
        "UserErrorRequestDisallowedByPolicy",
        "RequestDisallowedByPolicy",
        "A policy wants a tag on every group, and the backup's new group has none.",
        clean(activity_log_list=everyday(DENIED)),
        [],
    ),
    "vm-state": (
        "vm-state",
        "UserErrorVmNotInDesirableState",
        "redeploy",
        "Somebody redeployed the machine while the job ran.",
        clean(activity_log_list=everyday(DEPLOYED)),
        [],
    ),
    "azure-resource-missing": (
        "azure-resource-missing",
        "BCMV2VMNotFound",
        "400094",
        "The machine was deleted, its protection was not.",
        {"backup-job-list": jobs("The virtual machine does not exist.", 400094)},
        [],
    ),
    "status-blob-missing": (
        "status-blob-missing",
        "UserErrorGuestAgentStatusUnavailable",
        "not yet populated",
        "The platform never got a status of the agent.",
        clean(backup_job_list=jobs(AGENT), vm_get_instance_view=view(agent=plane.SILENT, extensions=[])),
        [],
    ),
    "extension-failed-provisioning": (
        "extension-failed-provisioning",
        "UserErrorVmProvisioningStateFailed",
        "ProvisioningState/failed",
        "A monitoring extension fails to install and leaves the machine in the failed state.",
        clean(
            backup_job_list=jobs("The VM is in failed provisioning state"),
            vm_get_instance_view=view(
                provisioning="ProvisioningState/failed/VMExtensionProvisioningError",
                extensions=[
                    extension_view("Watcher", "Vendor.Watcher", "ProvisioningState/failed/51", "Error", "exit code 51"),
                    extension_view("VMSnapshotLinux", "Microsoft.Azure.RecoveryServices.VMSnapshotLinux"),
                ],
            ),
        ),
        [],
    ),
    "vmsnapshot-extension-state": (
        "vmsnapshot-extension-state",
        "UserErrorVmProvisioningStateFailed",
        "VMSnapshotLinux",
        "The backup extension cannot be installed.",
        clean(
            backup_job_list=jobs("The VM is in failed provisioning state"),
            vm_get_instance_view=view(
                extensions=[
                    extension_view(
                        "VMSnapshotLinux", "Microsoft.Azure.RecoveryServices.VMSnapshotLinux", "ProvisioningState/failed/1", "Error", "exit code 126"
                    )
                ]
            ),
        ),
        [],
    ),
    "pending-reboot": (
        "pending-reboot",
        "UserErrorVmNotInDesirableState",
        "rebootPending",
        "Updates wait for a restart.",
        clean(vm_get_instance_view=view(reboot=True)),
        [],
    ),
    "vm-shut-down": (
        "vm-shut-down",
        "UserErrorGuestAgentStatusUnavailable",
        "PowerState/stopped",
        "The system was shut down from inside.",
        clean(backup_job_list=jobs(AGENT), vm_get_instance_view=view(power="PowerState/stopped")),
        [],
    ),
    "portal-text": (
        "rp-collection-limit",
        "UserErrorRpCollectionLimitReached",
        "Wiederherstellungspunkten",
        "The text of the portal, in German and without the code.",
        {
            "portal.txt": "Fehlercode\n400113\nFehlermeldung\nDer maximale Grenzwert für die Sammlung von Wiederherstellungspunkten wurde erreicht.\nEmpfohlene Aktion\nPrüfen Sie die Ressourcensperren.\n"
        },
        [],
    ),
}


OUTCOMES = {"clean": "unexplained", "healthy": "no-failure-seen", "recovered": "recovered"}


def case_text(name: str, case: Case) -> str:
    cause, code, words, note, _, also = case
    outcome = "explained" if cause != "none" else OUTCOMES[name]
    lines = [
        "origin: synthetic",
        f"cause: {cause}",
        f"outcome: {outcome}",
        f"code: {json.dumps(code)}",
        f"evidence: {json.dumps(words)}",
        f"note: {json.dumps(note)}",
    ]
    return "\n".join(lines + ([f"also: [{', '.join(also)}]"] if also else [])) + "\n"


def files(name: str) -> dict[str, bytes]:
    """A sample with its case.yml."""
    return {"case.yml": case_text(name, CASES[name]).encode(), **{f"az/{path}": data for path, data in texts(CASES[name][4]).items()}}


if __name__ == "__main__":
    shutil.rmtree(ROOT, ignore_errors=True)
    for sample in CASES:
        for path, data in files(sample).items():
            target = ROOT / sample / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
