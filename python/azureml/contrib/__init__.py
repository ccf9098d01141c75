"""Parts of v1 that were apart; what is not here is in ``switchyard_client.later``."""
