"""What the events mean: the `when` of every signature judged at the focus, without any I/O."""
