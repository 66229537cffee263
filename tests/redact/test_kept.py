"""What is no secret stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from backuptrace.knowledge.loading import load
from backuptrace.redact.redactor import redacted
from backuptrace.report.phrases_de import PHRASES as GERMAN
from backuptrace.report.phrases_en import PHRASES as ENGLISH

ROOT = Path(__file__).parents[2]

KEPT = [
    "agent 2.15.0.1 starts, goal state agent: 2.15.0.1",
    "Wire server endpoint:168.63.129.16",
    "container 0b2a1c3d-1111-2222-3333-444455556666, activity 9f8e7d6c-0000-1111-2222-333344445555",
    '"protectedSettingsCertThumbprint": "C49335A3B5F20E7F1C43A0B9A8D5E0C1F2A3B4C5"',
    "Cannot find certificate with thumbprint C49335A3B5F20E7F1C43A0B9A8D5E0C1F2A3B4C5 (0x80092004)",
    "PInvoke PFXImportCertStore failed and null handle is returned. Error Code: 86",
    "HRESULT 0x80042306, VSS_E_PROVIDER_VETO -2146893808",
    "System.Net.Http, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b03f5f7f11d50a3a",
    "The service was unable to log on as .\\svc with the currently configured password due to the following error",
    "sudo:  bob : TTY=pts/0 ; PWD=/data/www ; USER=root ; COMMAND=/usr/bin/systemctl restart walinuxagent",
    "sshd[99]: Failed password for invalid user admin from 203.0.113.7 port 4711 ssh2",
    "type=ANOM_ABEND msg=audit(1780987654.123:42): auid=0 comm=python3 exe=/usr/bin/python3.10 sig=11 res=1",
    "signatures: linux.network.wireserver-unreachable, signature expired",
    "password=*** adminPassword: '*** REDACTED ***' ?sig=<redacted>&x=1 password: (null)",
    "Provisioning.DeleteRootPassword=n",
    "openssl pkcs12 -nodes -password pass: -in /var/lib/waagent/Certificates.pem",
    "openssl req -x509 -nodes -newkey rsa:2048 -keyout /var/lib/waagent/TransportPrivate.pem -out /var/lib/waagent/TransportCert.pem",
    "/subscriptions/0b2a1c3d-1111-2222-3333-444455556666/resourceGroups/Rg1Prod/providers/Microsoft.Compute/virtualMachines/vm01",
    "https://jpwinsup.github.io/blog/2023/01/30/Storage/Management/VSS-22-12292-due-to-Hyper-V-IC-Software-Shadow-Copy-Provider",
    "?sv=2021-08-06&st=2026-06-09T05%3A00%3A00Z&se=2026-06-10T05%3A00%3A00Z&sr=b&sp=rw",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bd22cd15d6c15b0f00a08",
    "Elevated Token: Yes, TokenElevationType: %%1936, CancellationToken: System.Threading.CancellationToken",
    '"secretUrl": "https://kv1.vault.azure.net/secrets/bek/0123456789abcdef0123456789abcdef"',
    "Could not read private key: /etc/ssl/private/backup.key",
    "journalctl -u walinuxagent.service -p err; docker run -u 1000:1000 -p 80:80 nginx",
    "net use /persistent:yes",
    "C:\\WindowsAzure\\Logs\\WaAppAgent.log, C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys\\f686aace6942fb7f7ceb231212eef4a4_0b2a1c3d-1111-2222-3333-444455556666",
    "S-1-5-21-3623811015-3361044348-30300820-1013",
    "systemd[1]: Started Forward Password Requests to Wall Directory Watch.",
]


@pytest.mark.parametrize("text", KEPT)
def test_stays(text: str) -> None:
    assert redacted(text) == text


def test_the_texts_of_the_catalogue_and_of_the_report_stay() -> None:
    pack = load(cached=False).pack
    texts: list[str] = [*ENGLISH.values(), *GERMAN.values()]
    for cause in pack.causes:
        for told in (cause.title, cause.explanation, cause.caveats, *cause.steps):
            texts += [text for text in (getattr(told, "en", ""), getattr(told, "de", "")) if text] or [str(told)]
        texts += [need.command for need in cause.needs if need.command]
    changed = {text: redacted(text) for text in texts if redacted(text) != text}
    assert not changed


def test_the_lines_of_the_samples_stay() -> None:
    """They hold no secrets but those that the sample is about; a false alarm would hide evidence."""
    changed = []
    for path in sorted(ROOT.glob("sample_logs/*/*/**/*")):
        if path.is_file() and path.suffix in {".log", ".txt", ".conf", ".json", ".xml", ".status", ".settings"}:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            changed += [(path.name, line, redacted(line)) for line in lines if redacted(line) != line]
    assert not changed
