"""Engines that answer SPARQL queries: the taxonomy, a store on disk, a remote endpoint."""
