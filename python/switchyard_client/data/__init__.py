"""Datastores and datasets: what moves their files, and what a dataset's definition says."""
