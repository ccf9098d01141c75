"""Interactive runs: a process that is no job logs to a run of its own (``experiment.start_logging()``).

What it says and keeps lies in a *spool*, a folder like a run directory, and is carried to the server in the background: no
log call waits for the network, and a server that is away costs nothing but a late chart.
"""
