"""Hits on one clock: milestones, backup attempts, coverage."""
