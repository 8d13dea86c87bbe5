"""Ablations: arms that differ in one thing each, trained alike, and what that one thing buys."""
