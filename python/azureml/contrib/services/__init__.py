"""What entry scripts of web services import."""
