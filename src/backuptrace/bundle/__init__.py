"""What was collected from a VM, opened safely: folders, archives, archives in archives, single logs."""
