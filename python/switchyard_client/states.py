"""The states of a run, in groups (spec 05, section 2)."""

RUNNING_STATES = ["NotStarted", "Starting", "Preparing", "Running", "Provisioning", "Queued", "NotResponding"]
WAITING_STATES = ["Finalizing", "CancelRequested"]
TERMINAL_STATES = ["Completed", "Failed", "Canceled"]
