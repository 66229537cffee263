"""The version of the tool, which reports name and caches depend on."""

__version__ = "0.1.0"
