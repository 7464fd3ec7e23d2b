"""File formats: each writer turns the same rendered report into one kind of file."""
