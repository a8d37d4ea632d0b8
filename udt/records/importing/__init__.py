"""Import samples from files and folders."""
