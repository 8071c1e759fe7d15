"""Pages of programmes: their list along the learning cycle, and each one."""
