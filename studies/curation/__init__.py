"""Changes that people make to studies: who may make which, and the use cases that make them."""
