"""Web services: deploying models, asking them, waiting for them."""
