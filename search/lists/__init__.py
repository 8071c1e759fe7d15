"""Lists over time: selections, frozen lists, alerts, feeds, and what changed in a list."""
