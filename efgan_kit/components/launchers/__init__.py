"""Launchers: what runs trainings, each by one engine."""
