"""The reader's selection and frozen lists."""
