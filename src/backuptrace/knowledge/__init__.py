"""What the tool knows: formats, signatures and causes, read from data files and compiled."""
