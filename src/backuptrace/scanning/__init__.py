"""One pass over the bytes of a log with all signatures at once."""
