"""From bytes to records, one reader a kind of container."""
