"""Made-up secrets of every kind, and the ways in which logs, documents and commands write them down."""

from __future__ import annotations

import base64
import html
import json
import random
import string
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote

ALNUM = string.ascii_letters + string.digits


class Seed(NamedTuple):
    """A secret of a kind, and a piece of text (one line) in which it stands."""

    kind: str
    secret: str
    text: str


class Maker:
    """Secrets by a fixed seed: the same ones in every run."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)

    def base64(self, size: int) -> str:
        return base64.b64encode(self.random.randbytes(size)).decode()

    def word(self, size: int) -> str:
        return "".join(self.random.choices(ALNUM, k=size))

    def password(self) -> str:
        return self.word(5) + self.random.choice("!#$*+.:~^?") + self.word(6) + "7x"

    def der(self, head: bytes, size: int) -> str:
        return base64.b64encode(head + self.random.randbytes(size)).decode()

    def sas(self, name: str = "x") -> tuple[str, str]:
        """(address, signature as it stands in it)"""
        signature = quote(self.base64(32), safe="")
        account = self.word(6).lower()
        query = f"sv=2021-08-06&st=2026-06-09T05%3A00%3A00Z&se=2026-06-10T05%3A00%3A00Z&sr=b&sp=rw&sig={signature}&skt=1"
        return f"https://md-{account}.z12.blob.storage.azure.net/{name}?{query}", signature

    def jwt(self) -> str:
        parts = ({"typ": "JWT", "alg": "RS256"}, {"aud": "https://management.azure.com/", "oid": self.word(12)})
        encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
        return ".".join([*encoded, base64.urlsafe_b64encode(self.random.randbytes(64)).decode().rstrip("=")])


CMS = b"\x30\x82\x04\x38\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0"
PFX = b"\x30\x82\x09\xe1\x02\x01\x03\x30\x82"
PKCS8 = b"\x30\x82\x04\xbd\x02\x01\x00\x30\x0d\x06\x09"
X509 = b"\x30\x82\x03\x31\x30\x82\x02\x19\xa0"


def pem(label: str, body: str, end: str = "\n") -> str:
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return end.join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])


def _sas(make: Maker, write: Callable[[str], str]) -> Seed:
    address, signature = make.sas()
    return Seed("sas", signature, write(address))


def _with(kind: str, write: Callable[[str], str], secret: Callable[[Maker], str]) -> Callable[[Maker], Seed]:
    def made(make: Maker) -> Seed:
        value = secret(make)
        return Seed(kind, value, write(value))

    return made


def _basic(make: Maker) -> Seed:
    value = make.password()
    encoded = base64.b64encode(f"backup:{value}".encode()).decode()
    return Seed("password", encoded, f"Authorization: Basic {encoded}")


def _pem(make: Maker, label: str, head: bytes, kind: str, end: str) -> Seed:
    body = make.der(head, 150)
    return Seed(kind, body[64:128], pem(label, body, end))


PASSWORD, KEY, LONG_KEY = Maker.password, lambda make: make.base64(32), lambda make: make.base64(64)
WAYS: dict[str, Callable[[Maker], Seed]] = {
    "sas-url": lambda make: _sas(make, lambda url: f"Fetch failed from [{url}]: HTTP 403"),
    "sas-json": lambda make: _sas(make, lambda url: json.dumps({"statusUploadBlob": url.replace("&", "\\u0026")}).replace("\\\\", "\\")),
    "sas-slashes": lambda make: _sas(make, lambda url: '{"blob":"' + url.replace("/", "\\/") + '"}'),
    "sas-xml": lambda make: _sas(make, lambda url: f"<StatusUploadBlob>{html.escape(url)}</StatusUploadBlob>"),
    "sas-in-json-twice": lambda make: _sas(make, lambda url: json.dumps(json.dumps({"uri": url}))),
    "sas-encoded": lambda make: _sas(make, lambda url: f"GET /proxy?target={quote(url, safe='')} 403"),
    "account-key": _with("key", lambda v: f"DefaultEndpointsProtocol=https;AccountName=sa1;AccountKey={v};EndpointSuffix=core.windows.net", LONG_KEY),
    "account-key-bare": _with("key", lambda v: f"regenerated {v} for sa1", LONG_KEY),
    "service-bus": _with("key", lambda v: f"Endpoint=sb://b.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={v}", KEY),
    "key-json": _with("key", lambda v: json.dumps({"storageAccountName": "sa1", "storageAccountKey": v}), LONG_KEY),
    "key-option": _with("key", lambda v: f"az storage blob list --account-name sa1 --account-key {v}", LONG_KEY),
    "shared-key": _with("key", lambda v: f"'Authorization': 'SharedKey sa1:{v}'", KEY),
    "bitlocker": _with("key", lambda v: f"Recovery password found {v}", lambda make: "-".join(f"{make.random.randrange(10**6):06}" for _ in range(8))),
    "client-secret": _with("key", lambda v: f"AZURE_CLIENT_SECRET={v}", lambda make: f"{make.word(3)}8Q~{make.word(34)}"),
    "sql": _with("password", lambda v: f"Server=tcp:db,1433;Database=d;User ID=sa;Password={v};Encrypt=True;", PASSWORD),
    "pwd": _with("password", lambda v: f"Driver=ODBC;Uid=sa;Pwd={v};", PASSWORD),
    "password-json": _with("password", lambda v: json.dumps({"adminUsername": "bob", "adminPassword": v}), PASSWORD),
    "password-json-twice": _with("password", lambda v: json.dumps({"body": json.dumps({"adminPassword": v, "x": 1})}), PASSWORD),
    "password-python": _with("password", lambda v: f"{{u'user': u'bob', u'password': u'{v}'}}", PASSWORD),
    "password-xml": _with("password", lambda v: f"<ns1:UserPassword>{html.escape(v)}</ns1:UserPassword>", PASSWORD),
    "password-xml-escaped": _with("password", lambda v: html.escape(f'<Setting name="Password" value="{html.escape(v)}"/>'), PASSWORD),
    "password-event-data": _with("password", lambda v: f"<Data Name='Password'>{html.escape(v)}</Data>", PASSWORD),
    "password-conf": _with("password", lambda v: f"bind_password = {v}", PASSWORD),
    "password-yaml": _with("password", lambda v: f"    passphrase: '{v}'", PASSWORD),
    "password-option": _with("password", lambda v: f"COMMAND=/usr/bin/mytool --user bob --password {v} --now", PASSWORD),
    "password-short-option": _with("password", lambda v: f"running: mysqldump -ubackup -p{v} --all-databases", PASSWORD),
    "password-net": _with("password", lambda v: f"net user backupadm {v} /add", PASSWORD),
    "password-powershell": _with("password", lambda v: f'ConvertTo-SecureString "{v}" -AsPlainText -Force', PASSWORD),
    "password-registry": _with("password", lambda v: f"    DefaultPassword    REG_SZ    {v}", PASSWORD),
    "password-form": _with("password", lambda v: f"POST /login user=bob&password={quote(v, safe='')}&go=1", lambda make: make.word(12)),
    "proxy-url": _with("password", lambda v: f"https_proxy=http://bob:{quote(v, safe='')}@10.1.2.3:3128/", lambda make: make.word(14)),
    "proxy-conf": _with("password", lambda v: f"HttpProxy.Host=bob:{v}@proxy.contoso.com", lambda make: make.word(14)),
    "curl": _with("password", lambda v: f"curl -fsS -u bob:{v} http://intern/api", PASSWORD),
    "basic": _basic,
    "bearer": _with("token", lambda v: f"Authorization: Bearer {v}", Maker.jwt),
    "jwt": _with("token", lambda v: f"token response {v} expires in 3599", Maker.jwt),
    "access-token": _with("token", lambda v: json.dumps({"access_token": v, "token_type": "x"}), lambda make: make.word(48)),
    "github": _with("token", lambda v: f"cloning https://{v}@github.com/contoso/backup", lambda make: "ghp_" + make.word(36)),
    "pem-key": lambda make: _pem(make, "PRIVATE KEY", PKCS8, "private-key", "\\n"),
    "pem-ssh": lambda make: _pem(make, "OPENSSH PRIVATE KEY", b"openssh-key-v1\0", "private-key", "\\n"),
    "pem-certificate": lambda make: _pem(make, "CERTIFICATE", X509, "certificate", "\\r\\n"),
    "key-base64": _with("private-key", lambda v: f'"key": "{v}"', lambda make: make.der(PKCS8, 120)),
    "certificate-base64": _with("certificate", lambda v: f"x-ms-guest-agent-public-x509-cert: {v}", lambda make: make.der(X509, 120)),
    "pfx": _with("pfx", lambda v: f"<Data>{v}</Data>", lambda make: make.der(PFX, 200)),
    "protected": _with(
        "protected-settings", lambda v: json.dumps({"protectedSettings": v, "protectedSettingsCertThumbprint": "C4" * 20}), lambda make: make.der(CMS, 120)
    ),
    "protected-twice": _with("protected-settings", lambda v: json.dumps(json.dumps({"protectedSettings": v})), lambda make: make.der(CMS, 120)),
    "protected-clear": _with("protected-settings", lambda v: json.dumps({"protectedSettings": {"script": {"arg": v}, "n": [1]}, "z": 2}), PASSWORD),
    "custom-data": _with("custom-data", lambda v: f"<ns1:CustomData>{v}</ns1:CustomData>", lambda make: make.base64(33)),
    "user-data": _with("custom-data", lambda v: json.dumps({"compute": {"userData": v, "vmId": "1"}}), lambda make: make.base64(33)),
    "script": _with("script-parameters", lambda v: f"preScriptParams:[u'--secret-of-app', u'{v}'] postScriptParams:[]", PASSWORD),
    "shadow": _with("hash", lambda v: f"backup:{v}:19900:0:99999:7:::", lambda make: f"$6${make.word(16)}${make.word(86)}"),
    "ntlm": _with("hash", lambda v: f"Administrator:500:{v}:::", lambda make: f"{make.random.randbytes(16).hex()}:{make.random.randbytes(16).hex()}"),
    "kerberos": _with(
        "hash", lambda v: f"ticket $krb5tgs$23$*svc$CONTOSO$http*${v}", lambda make: make.random.randbytes(16).hex() + "$" + make.random.randbytes(40).hex()
    ),
    "powershell": _with("blob", lambda v: f"powershell.exe -NoProfile -EncodedCommand {v}", lambda make: make.base64(60)),
    "blob": _with("blob", lambda v: f"content {v} end", lambda make: make.base64(120)),
}
"""By name: a new secret, written in one way."""


def pieces(secret: str) -> list[str]:
    """The secret, and parts of a long one: none may be left."""
    if len(secret) < 24:
        return [secret]
    middle = len(secret) // 2
    return [secret, secret[:14], secret[middle - 7 : middle + 7], secret[-16:-2]]
