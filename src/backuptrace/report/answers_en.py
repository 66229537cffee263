"""Words of the table of causes, and of `coverage`, `collect`, `why`, `diff` and `verify`, in English; see `phrases`."""

ANSWERS: dict[str, str] = {
    # the table of causes
    "heading.causes.one": "THE ONE CAUSE OF THE CATALOGUE",
    "heading.causes.many": "ALL {n} CAUSES OF THE CATALOGUE",
    "causes.supported": "supported",
    "causes.contradicted": "contradicted",
    "causes.unknown": "not decided",
    "causes.not-visible": "not visible here",
    "causes.no-evidence": "no evidence",
    "causes.not-applicable": "not applicable",
    "causes.more": "Reasons, and what would settle the open ones: --all",
    "causes.get": "get: {what}",
    "causes.get-of": "get: {what}, of {span}",
}
