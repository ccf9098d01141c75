"""Run configurations and environments: sections of attributes that become the JSON of the HTTP API, and files."""
