"""Failure signatures, documented causes and portal error codes as data: one YAML file each."""
