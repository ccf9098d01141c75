"""A path by which some scripts import the base of all exceptions."""
