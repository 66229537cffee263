"""Log formats as data: one YAML file each."""
