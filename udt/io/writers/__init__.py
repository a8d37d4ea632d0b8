"""Writers of reports, a module for each format."""
