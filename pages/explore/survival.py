"""Survival: how long shops last, whether groups differ, and what age is the hardest."""
