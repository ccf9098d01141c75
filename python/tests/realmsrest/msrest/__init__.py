"""Stands for a real msrest that is installed: its class takes a response first, as that of the real one does."""
real = True
