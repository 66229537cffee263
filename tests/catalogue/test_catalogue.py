"""The catalogue is whole, in both languages, in the documented order, and points to something."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from backuptrace.knowledge.catalogue import close_names, day_of, find_cause, find_code, stale
from backuptrace.knowledge.library import Library
from backuptrace.knowledge.shapes import CauseShape, CodeShape, Provenance
from backuptrace.knowledge.texts import Hint, concerns, pick

CAUSES = [
    "windows-agent-unresponsive",
    "windows-agent-outdated",
    "linux-agent-not-running",
    "linux-agent-outdated",
    "linux-python-dependency",
    "linux-openssl",
    "waagent-conf",
    "certificate-missing",
    "machinekeys-permissions",
    "dhcp",
    "wireserver-unreachable",
    "clock-wrong",
    "out-of-memory",
    "storage-access",
    "snapshot-failed",
    "snapshot-delayed",
    "snapshot-limit",
    "vm-shut-down",
    "vm-state",
    "pending-reboot",
    "vmsnapshot-extension-state",
    "extension-failed-provisioning",
    "antivirus",
    "application-control",
    "com-msdtc",
    "vss-writer",
    "vss-service",
    "vcredist",
    "bitlocker",
    "tls-no-secure-channel",
    "fsfreeze-failed",
    "mount-inaccessible",
    "pre-post-script",
    "disk-full",
    "selinux",
    "os-unsupported",
    "rp-collection-lock",
    "rp-collection-limit",
    "keyvault-permissions",
    "disk-size-unsupported",
    "backup-in-progress",
    "not-protected",
    "policy-denied",
    "status-blob-missing",
    "azure-resource-missing",
]
"""The ids that other programs rely on: none is renamed or dropped."""
ARTICLE = {
    "UserErrorGuestAgentStatusUnavailable": ["A-WIN", "A-LIN", "EXT"],
    "GuestAgentSnapshotTaskStatusError": ["A-WIN", "A-LIN", "SNAP", "CONF", "APPCTL"],
    "UserErrorVmProvisioningStateFailed": ["EXT-BCK", "EXT", "VMSTATE"],
    "UserErrorRpCollectionLimitReached": ["RPLOCK", "RPLIMIT"],
    "UserErrorKeyvaultPermissionsNotConfigured": ["KV"],
    "ExtensionSnapshotFailedNoNetwork": ["SNAP"],
    "ExtensionOperationFailedForManagedDisks": ["SNAP", "A-WIN", "A-LIN"],
    "BackUpOperationFailed": ["A-WIN", "A-LIN", "SNAP", "RPLOCK", "VCR"],
    "BackUpOperationFailedV2": ["A-WIN", "A-LIN", "SNAP", "RPLOCK", "VCR"],
    "UserErrorUnsupportedDiskSize": ["DISKSIZE"],
    "UserErrorBackupOperationInProgress": ["INPROG"],
    "UserErrorCrpReportedUserError": [],
    "UserErrorBcmDatasourceNotPresent": ["NOTPROT"],
}
"""The 13 codes of the article and the order of their causes there (groups of the catalogue); causes found later stand behind."""
LATER = [
    "VMRestorePointInternalError",
    "CopyingVHDsFromBackUpVaultTakingLongTime",
    "UserErrorVmNotInDesirableState",
    "VmNotInDesirableState",
    "UserErrorFsFreezeFailed",
    "UserErrorUnableToOpenMount",
    "ExtensionSnapshotFailedCOM",
    "ExtensionInstallationFailedCOM",
    "ExtensionInstallationFailedMDTC",
    "ExtensionFailedVssWriterInBadState",
    "ExtensionFailedVssServiceInBadState",
    "ExtensionConfigParsingFailure",
    "ExtensionStuckInDeletionState",
    "ExtensionFailedSnapshotLimitReachedError",
    "ExtensionFailedTimeoutVMNetworkUnresponsive",
    "ResourceNotFound",
    "320001",
    "BCMV2VMNotFound",
    "400094",
    "UserErrorBCMPremiumStorageQuotaError",
    "AzureVmOffline",
    "380008",
    "ExtensionSnapshotBitlockerError",
    "ExtensionSnapshotFailedNoSecureNetwork",
    "ExtensionVCRedistInstallationFailure",
    "UserErrorRequestDisallowedByPolicy",
    "UserErrorSkuNotAvailable",
    "UserErrorMarketPlaceVMNotSupported",
    "UserErrorInstantRpNotFound",
    "UserErrorMigrationFromTrustedLaunchVMToNonTrustedVMNotAllowed",
    "ExtensionFailedSnapshotRateExceededError",
    "ExtensionFailedTimeoutDelayInNetwork",
    "ExtensionFailedOutOfMemoryError",
    "ExtensionInstallProviderCOMMemoryQuotaReached",
    "ExtensionCommandExecFailure",
    "ExtensionOperationInProgress",
    "GuestAgentCertificateNotFound",
    "GuestAgentPluginInstallCommandProcessingFailed",
    "BCMCrpInternalError",
    "ManagedRPCreationFailedInCrpButExtensionSucceeded",
    "NoExtensionStatusButStatusBlobAvailable",
    "UserErrorFsFreezeTimeout",
    "UserErrorGuestAgentVersionUnsupported",
    "UserErrorUnSupportedDistribution",
    "VMBackupLinuxExtensionConfFileWrongEncodingFormat",
    "ExtensionPreScriptTimeout",
    "UserErrorRpCollectionDeleted",
    "UserErrorRpCollectionMarkedForDeletion",
    "UserErrorVmVaultLocationMismatch",
    "UserErrorSharedDiskBackupNotSupported",
    "UserErrorStandardSSDNotSupported",
    "UserErrorUnsupportedStorageType",
    "UserErrorUnsupportedDiskConfiguration",
    "UserErrorBCMUnsupportedDiskCount",
    "SystemBackupOperationInProgress",
    "UserErrorKeyVaultPermissionsNotConfigured",
    *map(str, range(5)),
    "11",
    "12",
    "13",
    "15",
    "16",
    "17",
    "76",
    "761",
    "85",
    "121",
    "122",
    "123",
    "124",
    "173",
    "300",
    "301",
    "302",
    "303",
    "304",
    "305",
    "306",
    "307",
    "308",
    "309",
    "310",
    "311",
    "312",
    "313",
    "314",
    "315",
    "316",
    "317",
    "318",
    "402",
    *map(str, range(500, 513)),
    "556",
]
"""Codes of the later articles, names and numbers, and the numbers of the Linux extension."""
POWERSHELL = re.compile(r"^(?:(?:Get|Test|Set|Restart)-\w|icacls|vssadmin|manage-bde|reg |ipconfig|w32tm|sc |bitsadmin|wevtutil)")
SHELL = re.compile(r"^(?:sudo |cat |df |ls |systemctl|openssl|findmnt|ip |free|last |timedatectl|getenforce|grep )")
CHANGES = re.compile(
    r"(?:^|[;&|] *)(?:sudo +)?(?:rm|mv|cp|dd|kill|pkill|reboot|shutdown|mount|umount|fsck|tee|sed -i|apt|dnf|yum|zypper|net (?:stop|start)|(?:Set|Restart|Stop|Remove|New)-\w+)\b"
    r"|systemctl (?:re|st|en|dis|mask)(?!atus)|\baz [a-z -]+ (?:delete|create|update|reapply|start|stop|restart|deallocate|set)\b|(?<![0-9&])>(?!&)"
)


@pytest.fixture(scope="module")
def causes(shaped: Library) -> dict[str, CauseShape]:
    return {key: shape for key, (shape, _) in shaped.causes.items()}


@pytest.fixture(scope="module")
def codes(shaped: Library) -> dict[str, CodeShape]:
    return {shape.code: shape for shape, _ in shaped.codes.values()}


def test_every_cause_id_is_there(causes: dict[str, CauseShape]) -> None:
    assert set(causes) >= set(CAUSES)
    assert len(CAUSES) == 45


@pytest.mark.parametrize("name", [*ARTICLE, *LATER])
def test_every_code_is_there_by_name_and_number_in_any_case(name: str, codes: dict[str, CodeShape]) -> None:
    found = find_code(name, codes.values())
    assert found is not None
    assert find_code(f" {name.upper()} ", codes.values()) is found


@pytest.mark.parametrize("name", CAUSES)
def test_a_cause_tells_all_that_an_engineer_needs(name: str, causes: dict[str, CauseShape]) -> None:
    cause = causes[name]
    assert cause.steps
    assert cause.proves
    assert cause.refutes
    assert any(need.command for need in cause.needs)
    assert pick(cause.caveats, "de")
    assert day_of(cause.source.checked)
    assert day_of(cause.source.published) or cause.source.id == "S14", "a reference without a date of its own"
    for system in cause.os:
        assert any(concerns(step, system) for step in cause.steps)
        assert any(concerns(sign, system) for sign in cause.proves)
        assert any(need.command and need.os in {"any", system} for need in cause.needs)


def test_codes_and_causes_name_each_other(causes: dict[str, CauseShape], codes: dict[str, CodeShape]) -> None:
    for code in codes.values():
        assert set(code.causes) <= set(causes), code.code
        assert code.causes or code.steps, code.code
        assert day_of(code.source.published), code.code
        assert day_of(code.source.checked), code.code
        for name in code.causes:
            assert code.code in causes[name].error_codes, (code.code, name)
    for cause in causes.values():
        for name in cause.error_codes:
            assert cause.id in codes[name].causes, (cause.id, name)


def test_a_name_or_number_means_one_code_only(codes: dict[str, CodeShape]) -> None:
    names = [
        str(name).casefold() for code in codes.values() for name in dict.fromkeys([code.code.casefold(), *(str(alias).casefold() for alias in code.aliases)])
    ]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", list(ARTICLE))
def test_causes_stand_in_the_order_of_the_article(name: str, causes: dict[str, CauseShape], codes: dict[str, CodeShape]) -> None:
    order = ARTICLE[name]
    found = [place for cause in codes[name].causes for place, group in enumerate(order) if documented(causes[cause].catalogue, group)]
    assert found == sorted(found)
    assert set(found) == set(range(len(order)))


def documented(catalogue: str, group: str) -> bool:
    """Whether a cause belongs to a group of the article; the snapshot group has sub-groups."""
    return any(part == group or (group == "SNAP" and part.startswith("SNAP-")) for part in catalogue.split(", "))


def test_links_are_well_formed(causes: dict[str, CauseShape], codes: dict[str, CodeShape]) -> None:
    for doc in [*(cause.doc for cause in causes.values()), *(code.doc for code in codes.values() if code.doc)]:
        parts = urlsplit(doc.url)
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("https", "learn.microsoft.com", "", "")
        assert parts.path.startswith("/azure/")
        assert re.fullmatch(r"[a-z0-9_-]*", doc.anchor), doc.anchor
        assert doc.section or not doc.anchor


def test_commands_belong_to_their_system_and_change_nothing(causes: dict[str, CauseShape], shaped: Library) -> None:
    for cause in causes.values():
        for need in cause.needs:
            if need.command is None:
                continue
            if need.os == "any":
                assert need.command.startswith("az "), need.command
            assert not (need.os == "linux" and POWERSHELL.match(need.command)), need.command
            assert not (need.os == "windows" and SHELL.match(need.command)), need.command
            assert not CHANGES.search(re.sub(r"<[^>]*>", "", need.command)), need.command
            assert need.source in {"", *shaped.formats}, need.source
            assert need.os == "any" or need.os in cause.os


def test_steps_for_one_system_name_no_program_of_the_other(causes: dict[str, CauseShape]) -> None:
    for cause in causes.values():
        for step in cause.steps:
            assert isinstance(step, Hint)
            commands = [command for command in re.findall(r"`([^`]*)`", step.en) if not command.startswith("az ")]
            if "linux" in cause.os and step.os in {"any", "linux"}:
                assert not [command for command in commands if POWERSHELL.match(command)], (cause.id, step.en)
            if "windows" in cause.os and step.os in {"any", "windows"}:
                assert not [command for command in commands if SHELL.match(command)], (cause.id, step.en)


# looking up


def test_close_names_help_with_a_typo(causes: dict[str, CauseShape], codes: dict[str, CodeShape]) -> None:
    known = list(causes.values()), list(codes.values())
    assert close_names("UserErrorFsFrezeFailed", *known)[0] == "UserErrorFsFreezeFailed"
    assert close_names("wireserver-unreachble", *known)[0] == "wireserver-unreachable"
    assert "dhcp" in close_names("dhpc", *known)
    assert close_names("zzzz", *known) == []


@pytest.mark.parametrize("name", ["wireserver-unreachable", "WIRESERVER_UNREACHABLE", " wireserver unreachable "])
def test_causes_are_found_however_they_are_written(name: str, causes: dict[str, CauseShape]) -> None:
    found = find_cause(name, causes.values())
    assert found is not None
    assert found.id == "wireserver-unreachable"


def test_stale_sources_are_older_than_a_year_or_undated(causes: dict[str, CauseShape]) -> None:
    some = next(iter(causes.values()))
    dated = {
        day: msgspec.structs.replace(some, id=day or "none", source=Provenance(id="S1", published=day)) for day in ("2025-11-12", "2025-11-26", "2021-04", "")
    }
    found = stale(dated.values(), [], date(2026, 11, 25))
    assert [(item.name, item.days) for item in found] == [("none", None), ("2021-04", 2064), ("2025-11-12", 378)]
    assert stale(dated.values(), [], date(2026, 11, 12))[-1].name == "2021-04", "a year to the day is not older than a year"
    assert [item.name for item in stale(dated.values(), [], date(2026, 11, 27))][-1] == "2025-11-26"


@pytest.mark.parametrize("text, day", [("2025-11-12", date(2025, 11, 12)), ("2025-11", date(2025, 11, 1)), ("", None), ("soon", None), ("2025-13-01", None)])
def test_days(text: str, day: date | None) -> None:
    assert day_of(text) == day


NOTES = Path(__file__).resolve().parents[3] / "shared" / "knowledge" / "causes.md"
"""The notes that the catalogue was written from; not part of the project."""
NO_CODE = {"DiskConfiguration", "ExtensionPolicyError", "UserErrorXxx"}
"""Words of the notes that look like codes: half a name, a log line, an example."""


@pytest.mark.skipif(not NOTES.is_file(), reason="the notes are not here")
def test_every_code_of_the_notes_is_explained(codes: dict[str, CodeShape]) -> None:
    notes = NOTES.read_text(encoding="utf-8")
    sections = {text[:1]: text for text in re.split(r"^## (?=\d)", notes, flags=re.MULTILINE)}
    tables = [line.strip("|").split("|")[0] for number in "256" for line in sections[number].splitlines() if line.startswith("|")]
    names = {name for cell in tables for name in re.findall(r"[A-Z][A-Za-z0-9]{9,}|\b\d{6}\b", cell)}
    names |= set(re.findall(r"\b(?:UserError[A-Z]|Extension[A-Z]|GuestAgent(?!Status\b)[A-Z]|BackUp[A-Z])\w+", notes)) - {"UserErrorKeyvault"}
    status = sections["7"].split("Normal order")[0].split("\n", 1)[1]
    names |= set(re.findall(r"(?<![\w.])\d{1,3}(?= )", status)) | {
        str(n) for low, high in re.findall(r"(\d+)-(\d+)", status) for n in range(int(low), int(high) + 1)
    }
    assert len(names) > 90
    assert sorted(name for name in names - NO_CODE if find_code(name, codes.values()) is None) == []
