"""Read labels and findings to draw from reports and from a database."""
