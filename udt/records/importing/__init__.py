"""Import samples from files and folders into the database."""
