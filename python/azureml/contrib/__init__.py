"""Names that v1 had on trial."""
