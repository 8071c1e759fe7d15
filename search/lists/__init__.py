"""Lists over time: selections, frozen lists, alerts, feeds, stored counts, and what changed in a list."""
