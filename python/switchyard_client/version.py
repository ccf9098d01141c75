"""The client's own version: the server that packs a run sends the client of its own version along."""

VERSION = "0.1.0"
