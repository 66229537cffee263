"""German for what the lower floors say in English; see `phrases`."""

MESSAGES: dict[str, str] = {}
