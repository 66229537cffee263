"""Die Wörter der Ursachentabelle und von `coverage`, `collect`, `why`, `diff` und `verify`; siehe `phrases`."""

ANSWERS: dict[str, str] = {
    # the table of causes
    "heading.causes.one": "DIE EINE URSACHE DES KATALOGS",
    "heading.causes.many": "ALLE {n} URSACHEN DES KATALOGS",
    "causes.supported": "belegt",
    "causes.contradicted": "widerlegt",
    "causes.unknown": "offen",
    "causes.not-visible": "hier nicht sichtbar",
    "causes.no-evidence": "ohne Anzeichen",
    "causes.not-applicable": "nicht zutreffend",
    "causes.more": "Gründe, und was die offenen klären würde: --all",
    "causes.get": "zu holen: {what}",
    "causes.get-of": "zu holen: {what}, {span}",
}
