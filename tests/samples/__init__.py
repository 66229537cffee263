"""Our own sample bundles, and what becomes of them when they are packed, moved in time or damaged."""
