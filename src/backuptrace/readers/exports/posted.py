"""Events as people paste them into a ticket or a forum: some labels in any order, or only the text; often without a date, with parts left out.

A record begins where labels stand together of which one is the event id or the source. A line `.NET Runtime - 1026` counts as both.
A file in which there is no such place is one text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from backuptrace.readers.eventvalues import folded
from backuptrace.readers.exports.account import Reading
from backuptrace.readers.exports.rows import Row
from backuptrace.readers.exports.viewer import MOST_MESSAGE

LOOKED_AT = 300
NO_ID = 0
_LABELS = {
    "log": ("log name, protokollname, ログの名前, nom du journal, nombre de registro, nome registro, nome do log, 日志名称, имя журнала, 로그 이름"),
    "source": ("source, event source, quelle, ソース, origen, origine, fonte, bron, 来源, источник, 원본, provider, providername, イベント ソース"),
    "date": ("date, date and time, datum, datum und uhrzeit, 日付, 日付と時刻, 日時, fecha, data, 日期, дата, 날짜, timecreated, time"),
    "id": (
        "event id, eventid, ereignis-id, イベント id, イベントid, id, id de evento, id. de evento, id evento, "
        "identificação do evento, id de l'événement, 事件 id, код события, 이벤트 id"
    ),
    "level": "level, ebene, レベル, 種類, niveau, nivel, livello, nível, 级别, уровень, 수준, type",
    "category": (
        "task category, aufgabenkategorie, タスクのカテゴリ, catégorie de la tâche, categoría de la tarea, categoria attività, "
        "task, opcode, 任务类别, категория задачи"
    ),
    "keywords": "keywords, keyword, schlüsselwörter, キーワード, mots clés, palabras clave, parole chiave, 关键字, ключевые слова",
    "user": "user, user name, benutzer, ユーザー, utilisateur, usuario, utente, usuário, 用户, пользователь",
    "computer": "computer, コンピューター, コンピュータ, ordinateur, equipo, 计算机, компьютер",
    "text": (
        "description, beschreibung, message, event message, 説明, 内容, メッセージ, イベント メッセージ, 値, descripción, "
        "descrizione, descrição, 描述, описание, nachricht"
    ),
}
_KEYS = {folded(name): key for key, names in _LABELS.items() for name in names.split(", ")}
_LABELLED = re.compile(r"[\s・*>|-]{0,8}([^\W\d][^:：|\t]{0,30}?)[\s　]{0,30}[:：]\s{0,40}(.*)$")
_HEADLINE = re.compile(
    r"(?:[^\W\d]\w{1,14}[\s　]{1,8})?(?P<source>[^\W\d.][\w .+-]{2,60}?|\.NET Runtime)[\s　]{1,8}(?:[-–—][\s　]{1,4})?"
    r"(?P<id>\d{1,5})\b[^\w.]{0,40}(?:[^\W\d]\w{0,20})?\s*$"
)
_ID = re.compile(r"\d{1,5}\b")
_BEGIN = ("log", "source", "date", "id", "level")
"""Labels with which a record may begin; a second one of them among the labels of a record begins the next."""


def label(line: str) -> tuple[str, str] | None:
    """(kind of label, value) of a line such as `Event ID: 1000`, None for any other."""
    found = _LABELLED.match(line)
    if not found:
        return None
    key = _KEYS.get(folded(found[1]))
    value = found[2].strip()
    return None if key is None or (key == "id" and not _ID.match(value)) else (key, value)


def headline(line: str, providers: Collection[str]) -> tuple[str, int] | None:
    """(provider, event id) of a line that holds little else; `providers`: known names in small letters."""
    found = _HEADLINE.match(line.strip())
    return (found["source"], int(found["id"])) if found and found["source"].casefold() in providers else None


def looks_posted(lines: Iterable[str]) -> bool:
    """Whether the lines hold the labels of an event: its id, and another one beside it."""
    found = [told[0] for line in lines if (told := label(line))]
    return any("id" in found[max(0, n - 4) : n + 5] and key in ("source", "log", "level") for n, key in enumerate(found))


def rows(lines: Iterable[tuple[int, str]], reading: Reading, providers: Collection[str]) -> Iterator[Row]:
    """One row for each event that is told; `event_id` is 0 and the provider empty where they are not."""
    values: dict[str, str] = {}
    text: list[str] = []
    start, size, among = 1, 0, False
    """Among labels: no line of the text has come since."""
    for number, line in lines:
        told = label(line)
        head = None if told else headline(line, providers)
        first = head is not None or (told is not None and told[0] in _BEGIN)
        if first and (not among or head is not None or (told is not None and told[0] in values)):
            if values or any(part.strip() for part in text):
                yield _row(start, values, text)
            values, text, start, size, among = {}, [], number, 0, True
        if head is not None:
            values["source"], values["id"] = head[0], str(head[1])
            among = False
        elif told is not None and among and told[0] != "text":
            values.setdefault(*told)
        elif told is not None and told[0] == "text" and among:
            text.append(told[1])
            among = False
        else:
            among = among and not line.strip()
            if size < MOST_MESSAGE:
                text.append(line)
                size += len(line) + 1
            elif line:
                reading.tell("long-record", start)
    if values or any(part.strip() for part in text):
        yield _row(start, values, text)


def _row(start: int, values: dict[str, str], text: list[str]) -> Row:
    found = _ID.match(values.get("id", ""))
    return Row(
        start, values.get("date", ""), values.get("source", ""), int(found[0]) & 0xFFFF if found else NO_ID, values.get("level", ""), values.get("log", ""),
        values.get("computer", ""), "\n".join(text).strip(),
    )  # fmt: skip
