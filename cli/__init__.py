"""The command line: one module a command group; it parses, delegates and prints."""
