"""A host on a replica (READ_ONLY): what its pages, and its commands, leave to the hosts that write."""
