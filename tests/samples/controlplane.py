"""Exports of the control plane, made up: objects as `az` prints them, sets of them for one machine, and the same in other spellings."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

SUB = "/subscriptions/1b2c3d4e-0000-4000-8000-0000000000aa"
GROUP, VM, OTHER = "rg-shop", "shop-db01", "shop-web02"
POINTS_GROUP = "AzureBackupRG_westeurope_1"
Objects = dict[str, Any]
"""File name -> what az printed into it."""


def vm_id(name: str = VM) -> str:
    return f"{SUB}/resourceGroups/{GROUP}/providers/Microsoft.Compute/virtualMachines/{name}"


def job(name: str, start: str, end: str | None, status: str, *, vm: str = VM, code: int = 0, text: str = "", advice: str = "", snapshot: str = "Failed") -> Any:
    """A backup job with its details."""
    properties = {
        "actionsInfo": None,
        "activityId": f"act-{name}",
        "backupManagementType": "AzureIaasVM",
        "containerName": f"iaasvmcontainerv2;{GROUP};{vm}",
        "duration": "0:31:02.118",
        "endTime": end,
        "entityFriendlyName": vm,
        "errorDetails": [{"errorCode": code, "errorString": text, "errorTitle": None, "recommendations": [advice]}] if text else None,
        "extendedInfo": {
            "dynamicErrorMessage": "",
            "propertyBag": {"VM Name": vm},
            "tasksList": [
                {"duration": "0:00:00", "status": snapshot if status == "Failed" else status, "taskId": "Take Snapshot"},
                {"duration": "0:00:00", "status": "NotStarted", "taskId": "Transfer data to vault"},
            ],
        },
        "isUserTriggered": None,
        "jobType": "AzureIaaSVMJob",
        "operation": "Backup",
        "startTime": start,
        "status": status,
        "virtualMachineVersion": "Compute",
    }
    return {"eTag": None, "id": f"{SUB}/resourceGroups/{GROUP}/providers/Microsoft.RecoveryServices/vaults/vault1/backupJobs/{name}", "location": None, "name": name, "properties": properties, "resourceGroup": GROUP, "tags": None, "type": "Microsoft.RecoveryServices/vaults/backupJobs"}  # fmt: skip


def jobs(text: str = "Backup failed with an internal error - Please retry the operation in a few minutes", code: int = 400001) -> list[Any]:
    """A week of jobs of two machines, newest first: that of the machine failed last night."""
    out = [
        job("j-0722", "2026-11-22T01:00:12.402615+00:00", "2026-11-22T01:31:14.520615+00:00", "Failed", code=code, text=text, advice="See the documentation."),
        job("j-0721", "2026-11-21T01:00:09.114201+00:00", "2026-11-21T02:44:51.000301+00:00", "Completed"),
        job("w-0722", "2026-11-22T01:00:13.000615+00:00", "2026-11-22T02:20:00.000615+00:00", "Completed", vm=OTHER),
        job(
            "w-0720",
            "2026-11-20T01:00:13.000615+00:00",
            "2026-11-20T01:10:00.000615+00:00",
            "Failed",
            vm=OTHER,
            code=380008,
            text="The virtual machine is not running.",
        ),
        job("j-0720", "2026-11-20T01:00:10.831201+00:00", "2026-11-20T02:41:05.104301+00:00", "Completed"),
    ]
    return sorted(out, key=lambda one: str(one["properties"]["startTime"]), reverse=True)


def item(state: str = "Protected", last: str = "Failed") -> Any:
    """What the vault holds of the machine."""
    properties = {
        "containerName": f"iaasvmcontainerv2;{GROUP};{VM}",
        "friendlyName": VM,
        "healthDetails": [],
        "healthStatus": "Passed",
        "lastBackupStatus": last,
        "lastBackupTime": "2026-11-22T01:00:13.511482+00:00",
        "policyId": f"{SUB}/resourceGroups/{GROUP}/providers/Microsoft.RecoveryServices/vaults/vault1/backupPolicies/DefaultPolicy",
        "protectedItemType": "Microsoft.Compute/virtualMachines",
        "protectionState": state,
        "protectionStatus": "Healthy",
        "sourceResourceId": vm_id(),
        "virtualMachineId": vm_id(),
        "workloadType": "VM",
    }
    return {"id": f"{SUB}/resourceGroups/{GROUP}/providers/Microsoft.RecoveryServices/vaults/vault1/x/VM;iaasvmcontainerv2;{GROUP};{VM}", "name": f"VM;iaasvmcontainerv2;{GROUP};{VM}", "properties": properties}  # fmt: skip


READY = {
    "code": "ProvisioningState/succeeded",
    "displayStatus": "Ready",
    "level": "Info",
    "message": "Guest Agent is running",
    "time": "2026-11-22T07:58:03+00:00",
}
SILENT = {"code": "ProvisioningState/Unavailable", "displayStatus": "Not Ready", "level": "Warning", "message": "VM status blob is found but not yet populated.", "time": "2026-11-22T07:58:03+00:00"}  # fmt: skip


def status(code: str, level: str = "Info", message: str | None = None) -> Any:
    return {"code": code, "displayStatus": code.rpartition("/")[2], "level": level, "message": message, "time": None}


def view(
    *,
    agent: Any = READY,
    provisioning: str = "ProvisioningState/succeeded",
    power: str = "PowerState/running",
    extensions: list[Any] | None = None,
    reboot: bool = False,
) -> Any:
    """The instance view."""
    inner = {
        "assignedHost": None,
        "computerName": VM,
        "disks": [{"name": "os", "statuses": [status("ProvisioningState/succeeded")]}],
        "extensions": extensions if extensions is not None else [extension_view("VMSnapshotLinux", "Microsoft.Azure.RecoveryServices.VMSnapshotLinux")],
        "osName": "ubuntu",
        "osVersion": "24.04",
        "patchStatus": {"availablePatchSummary": {"rebootPending": reboot, "status": "Succeeded"}, "configurationStatuses": None},
        "statuses": [status(provisioning, "Error" if "failed" in provisioning else "Info"), status(power)],
        "vmAgent": {"extensionHandlers": [], "statuses": [agent], "vmAgentVersion": "2.15.0.1" if agent is READY else "Unknown"},
    }
    return {**model(), "instanceView": inner}


def extension_view(name: str, kind: str, code: str = "ProvisioningState/succeeded", level: str = "Info", message: str = "Plugin enabled") -> Any:
    return {"name": name, "statuses": [status(code, level, message)], "substatuses": None, "type": kind, "typeHandlerVersion": "1.0.9232.0"}


def model(*, state: str = "Succeeded", data: int = 256, encrypted: bool = False) -> Any:
    """The machine as az vm show tells it."""
    os_disk = {"createOption": "FromImage", "diskSizeGb": 30, "encryptionSettings": {"enabled": True} if encrypted else None, "name": "os", "osType": "Linux"}
    return {
        "hardwareProfile": {"vmSize": "Standard_D4s_v5"},
        "id": vm_id(),
        "location": "westeurope",
        "name": VM,
        "networkProfile": {"networkInterfaces": [{"id": f"{SUB}/resourceGroups/{GROUP}/providers/Microsoft.Network/networkInterfaces/nic1"}]},
        "provisioningState": state,
        "resourceGroup": GROUP,
        "resources": None,
        "storageProfile": {"dataDisks": [{"caching": "None", "diskSizeGb": data, "lun": 0, "name": "data"}], "osDisk": os_disk},
        "tags": {},
        "type": "Microsoft.Compute/virtualMachines",
    }


def disks(*, data: int = 256, encrypted: bool = False) -> list[Any]:
    """All disks of the group: of the machine, of another one (large), of none."""
    return [disk("os", 30, VM, encrypted=encrypted), disk("data", data, VM, encrypted=encrypted), disk("archive", 65536, OTHER), disk("spare", 65536, "")]


def disk(name: str, size: int, vm: str, *, encrypted: bool = False) -> Any:
    return {
        "creationData": {"createOption": "Empty"},
        "diskSizeBytes": size << 30,
        "diskSizeGb": size,
        "diskState": "Attached" if vm else "Unattached",
        "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
        "encryptionSettingsCollection": {"enabled": True, "encryptionSettings": [], "encryptionSettingsVersion": "1.1"} if encrypted else None,
        "id": f"{SUB}/resourceGroups/{GROUP}/providers/Microsoft.Compute/disks/{name}",
        "managedBy": vm_id(vm) if vm else None,
        "maxShares": None,
        "name": name,
        "sku": {"name": "Premium_LRS", "tier": "Premium"},
    }


def lock(group: str | None, name: str = "do-not-delete") -> Any:
    scope = SUB + (f"/resourceGroups/{group}" if group else "")
    return {"id": f"{scope}/providers/Microsoft.Authorization/locks/{name}", "level": "CanNotDelete", "name": name, "notes": "Ordered by the operations team.", "owners": None, "resourceGroup": group, "type": "Microsoft.Authorization/locks"}  # fmt: skip


def collection(count: int, *, vm: str = VM) -> Any:
    path = f"{SUB}/resourceGroups/{POINTS_GROUP}/providers/Microsoft.Compute/restorePointCollections/AzureBackup_{vm}_281474976712345"
    points = [{"consistencyMode": "FileSystemConsistent", "id": f"{path}/restorePoints/p{n}", "name": f"AzureBackup_202611{n + 1:02d}_010012", "provisioningState": "Succeeded", "timeCreated": f"2026-11-{n + 1:02d}T01:00:12+00:00"} for n in range(count)]  # fmt: skip
    return {"id": path, "location": "westeurope", "name": f"AzureBackup_{vm}_281474976712345", "provisioningState": "Succeeded", "resourceGroup": POINTS_GROUP, "restorePoints": points, "source": {"id": vm_id(vm), "location": "westeurope"}, "type": "Microsoft.Compute/restorePointCollections"}  # fmt: skip


def activity(time: str, operation: str, resource: str, *, result: str = "Succeeded", error: tuple[str, str] | None = None) -> Any:
    told = {"statusCode": "Conflict", "statusMessage": json.dumps({"error": {"code": error[0], "message": error[1]}})} if error else {"statusCode": "OK"}
    return {
        "authorization": {"action": operation, "scope": resource},
        "caller": "ada@example.com",
        "eventDataId": f"e-{time}",
        "eventTimestamp": time,
        "level": "Error" if error else "Informational",
        "operationName": {"localizedValue": operation, "value": operation},
        "properties": told,
        "resourceId": resource,
        "status": {"localizedValue": result, "value": result},
        "subStatus": {"localizedValue": "", "value": ""},
    }


def everyday(*more: Any) -> list[Any]:
    """The activity log of a quiet week, newest first, with further entries."""
    usual = [
        activity(
            f"2026-11-{day:02d}T01:00:21.118Z",
            "Microsoft.Compute/restorePointCollections/restorePoints/write",
            f"{SUB}/resourceGroups/{POINTS_GROUP}/providers/Microsoft.Compute/restorePointCollections/AzureBackup_{VM}_281474976712345",
        )
        for day in range(16, 22)
    ]
    usual.append(activity("2026-11-18T09:12:44.118Z", "Microsoft.Network/networkSecurityGroups/delete", f"{SUB}/resourceGroups/net/providers/Microsoft.Network/networkSecurityGroups/old", result="Failed", error=("ScopeLocked", "The scope is locked")))  # fmt: skip
    usual.append(activity("2026-11-17T10:00:00.118Z", "Microsoft.Compute/virtualMachines/deallocate/action", vm_id(OTHER)))
    return sorted([*usual, *more], key=lambda one: str(one["eventTimestamp"]), reverse=True)


def vault(*, policies: list[Any] | None = None, roles: bool = False) -> Any:
    properties = {
        "accessPolicies": policies if policies is not None else [],
        "enableRbacAuthorization": roles,
        "enableSoftDelete": True,
        "networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []},
        "publicNetworkAccess": "Enabled",
        "sku": {"family": "A", "name": "standard"},
        "vaultUri": "https://kv-shop.vault.azure.net/",
    }
    return {"id": f"{SUB}/resourceGroups/{GROUP}/providers/Microsoft.KeyVault/vaults/kv-shop", "location": "westeurope", "name": "kv-shop", "properties": properties, "type": "Microsoft.KeyVault/vaults"}  # fmt: skip


def role(principal: str, name: str) -> Any:
    scope = f"{SUB}/resourceGroups/{GROUP}/providers/Microsoft.KeyVault/vaults/kv-shop"
    return {"id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/r-{name}", "principalId": "p", "principalName": principal, "principalType": "ServicePrincipal", "roleDefinitionId": "d", "roleDefinitionName": name, "scope": scope}  # fmt: skip


BACKUP_SERVICE = "262044b1-e2ce-469f-a196-69ab7ada62d3"
POLICY = {"displayName": "Require a cost centre tag on groups", "enforcementMode": "Default", "id": f"{SUB}/providers/Microsoft.Authorization/policyAssignments/cost", "name": "cost", "notScopes": [], "parameters": {"effect": {"value": "Deny"}}, "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/96670d01", "scope": SUB}  # fmt: skip


def clean(**changed: Any) -> Objects:
    """Every export, and in none a cause; `changed` replaces some (None: leaves one out), `_` in the name for `-`."""
    out: Objects = {
        "backup-job-list": jobs(),
        "backup-item-list": [item()],
        "vm-get-instance-view": view(),
        "vm-extension-list": [],
        "disk-list": disks(),
        "lock-list": [lock("net")],
        "restore-point-collection-show": collection(3),
        "activity-log-list": everyday(),
        "keyvault-show": vault(roles=True),
        "role-assignment-list": [role(BACKUP_SERVICE, "Key Vault Administrator")],
        "policy-assignment-list": [POLICY],
    }
    out |= {name.replace("_", "-"): value for name, value in changed.items()}
    return {name: value for name, value in out.items() if value is not None}


def texts(objects: Objects, spell: Callable[[Any], str] | None = None) -> dict[str, bytes]:
    """Path -> bytes, as az prints them, or in another spelling."""
    return {
        name if "." in name else f"{name}.json": (value if isinstance(value, str) else (spell or printed)(value)).encode() for name, value in objects.items()
    }


def printed(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def rest(value: Any) -> str:
    """As a REST answer: what is no common key stands in `properties`; a list is the value of an answer."""
    common = {"id", "name", "type", "location", "properties", "tags", "resourceGroup", "eTag", "sku"}

    def nested(one: Any) -> Any:
        flat = {key: inner for key, inner in one.items() if key not in common}
        return {key: inner for key, inner in one.items() if key in common} | {"properties": {**(one.get("properties") or {}), **flat}}

    return json.dumps({"value": [nested(one) for one in value], "nextLink": None} if isinstance(value, list) else nested(value))


def flattened(value: Any) -> str:
    """As some commands print it: without `properties`."""

    def flat(one: Any) -> Any:
        return {**{key: inner for key, inner in one.items() if key != "properties"}, **(one.get("properties") or {})} if isinstance(one, dict) else one

    return json.dumps([flat(one) for one in value] if isinstance(value, list) else flat(value), indent=4)


def capital(value: Any) -> str:
    """Names with capitals, as objects of PowerShell have them."""

    def big(one: Any) -> Any:
        if isinstance(one, dict):
            return {key[:1].upper() + key[1:]: big(inner) for key, inner in one.items()}
        return [big(inner) for inner in one] if isinstance(one, list) else one

    return json.dumps(big(value), indent=4)
