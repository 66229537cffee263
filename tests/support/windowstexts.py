"""Texts of Windows events by language: English and German from the event dictionary, Japanese ones (from general knowledge) of those that tests need."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from eventforms import Told

Language = Literal["en", "de", "ja"]
Value = str | Mapping[str, str]
"""A value, by language where it has one."""
FOLDER = Path(__file__).resolve().parents[2] / "parsers" / "windows" / "events"
SCM = "Service Control Manager"
NAMED = {SCM, "Microsoft-Windows-DistributedCOM", "Microsoft-Windows-WindowsUpdateClient", "Microsoft-Windows-MSDTC 2", "User32", "Microsoft-Windows-Dhcp-Client",
         "Microsoft-Windows-Backup", "Microsoft-Windows-AppLocker", "Microsoft-Windows-CodeIntegrity", "Microsoft-Windows-Security-Auditing"}  # fmt: skip
"""Providers whose events name their data; those of the others are positional."""
SHOWN = {"Microsoft-Windows-DistributedCOM": "DCOM", "Microsoft-Windows-WindowsUpdateClient": "WindowsUpdateClient", "Microsoft-Windows-MSDTC 2": "MSDTC 2",
         "Microsoft-Windows-AppLocker": "AppLocker", "Microsoft-Windows-Backup": "Backup", "Microsoft-Windows-Dhcp-Client": "Dhcp-Client"}  # fmt: skip
JAPANESE: dict[tuple[str, int], str] = {
    (SCM, 7000): "%1 サービスを、次のエラーが原因で開始できませんでした: \n%2",
    (SCM, 7031): "%1 サービスは予期せぬ原因により終了しました。このサービスの強制終了は %2 回目です。次の修正操作が %3 ミリ秒以内に実行されます: %5。",
    (SCM, 7034): "%1 サービスは予期せぬ原因により終了しました。このサービスの強制終了は %2 回目です。",
    (SCM, 7036): "%1 サービスは %2 状態に移行しました。",
    (SCM, 7040): "%1 サービスの開始の種類は %2 から %3 に変更されました。",
    ("Application Error", 1000): (
        "障害が発生しているアプリケーション名: %1、バージョン: %2、タイム スタンプ: 0x%3\n障害が発生しているモジュール名: %4、バージョン: %5、タイム スタンプ: 0x%6\n"
        "例外コード: 0x%7\n障害オフセット: 0x%8\n障害が発生しているプロセス ID: 0x%9\n障害が発生しているアプリケーションの開始時刻: 0x%10\n"
        "障害が発生しているアプリケーション パス: %11\n障害が発生しているモジュール パス: %12\nレポート ID: %13"
    ),
    ("VSS", 8224): "アイドル タイムアウトのため、VSS サービスはシャットダウンします。",
    ("VSS", 8229): "VSS ライターは、エラー %1 によりイベントを拒否しました。ライターがイベントの処理中にライター コンポーネントに行った変更は、要求元が使用できません。%2",
    ("VSS", 12298): "ボリューム シャドウ コピー サービス エラー: ボリューム %1 でシャドウ コピーの作成期間中に I/O 書き込みを保留できません。エラーの詳細: Open[%3], Flush[%4], Release[%5], OnRun[%6]。%7",
    ("VSS", 39): "ボリューム シャドウ コピー サービス エラー: ボリューム シャドウ コピー サービス (VSS) は無効です。%1",
    ("Microsoft-Windows-AppLocker", 8004): "%1 の実行が禁止されました。",
    ("Microsoft-Windows-WindowsUpdateClient", 21): "再起動が必要です: 次の更新プログラムのインストールを完了するには、コンピューターを再起動する必要があります: %1",
    ("Microsoft-Windows-MSDTC 2", 4202): "MSDTC は次の設定で起動しました: セキュリティの構成: リモート管理の許可 = %1、ネットワーク クライアント = %2、アカウント = %9、%10",
    ("User32", 1074): "次の理由で、プロセス %1 は、ユーザー %7 の代わりに、コンピューター %2 の %5 を始めました: %3\n 理由コード: %4\n シャットダウンの種類: %5\n コメント: %6",
}  # fmt: skip


@cache
def _dictionary() -> dict[tuple[str, int], tuple[str, dict[str, Any]]]:
    """(provider, id) -> (channel, event), of the whole dictionary."""
    out: dict[tuple[str, int], tuple[str, dict[str, Any]]] = {}
    for path in sorted(FOLDER.glob("*.yml")):
        for name, provider in yaml.safe_load(path.read_text("utf-8")).get("providers", {}).items():
            for number, event in provider.get("events", {}).items():
                out[name, int(number)] = (event.get("channel") or provider.get("channel", ""), event)
    return out


@cache
def _codes() -> dict[str, list[str]]:
    """`%%code` -> its texts, English first."""
    found: dict[str, list[str]] = {}
    for path in sorted(FOLDER.glob("*.yml")):
        found |= {f"%%{code}": texts for code, texts in yaml.safe_load(path.read_text("utf-8")).get("codes", {}).items()}
    return found


def rendered(template: str, values: Sequence[str], language: Language) -> str:
    """The text; inserts without a value are empty, codes become words where they are known."""

    def insert(found: re.Match[str]) -> str:
        value = values[int(found[1]) - 1] if int(found[1]) <= len(values) else ""
        texts = _codes().get(value, [value])
        return texts[1 if language == "de" and len(texts) > 1 else 0]

    return re.sub(r"%(\d{1,2})", insert, template)


LEVELS = {"critical": 1, "error": 2, "warning": 3, "information": 4, "verbose": 5}


def told(language: Language, time: int, number: int, provider: str, event_id: int, values: Sequence[Value], *, computer: str = "VM01") -> Told:
    """An event as a machine of that language logs and renders it. time: microseconds UTC; number: its record id."""
    channel, known = _dictionary().get((provider, event_id), ("", {}))
    fields = known.get("fields", [])
    shown = [value if isinstance(value, str) else value.get(language, value["en"]) for value in values]
    template = JAPANESE.get((provider, event_id), "") if language == "ja" else (known.get(language) or known.get("en") or [""])[0]
    names = fields if provider in NAMED else []
    data = [(names[n] if n < len(names) else "", value) for n, value in enumerate(shown)]
    user = ""
    if provider == "Microsoft-Windows-AppLocker":
        inside = "".join(f"<{name}>{value}</{name}>" for name, value in data)
        user = f"<RuleAndFileData xmlns='http://schemas.microsoft.com/schemas/event/Microsoft.Windows/1.0.0.0'>{inside}</RuleAndFileData>"
    return Told(
        time, provider, event_id, channel or "System", LEVELS.get(known.get("level", ""), 4), number, computer, data, {language: rendered(template, shown, language)}, user,
        SHOWN.get(provider, ""),
    )  # fmt: skip
