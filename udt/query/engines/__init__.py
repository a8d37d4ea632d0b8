"""What SPARQL can be asked of: the taxonomy, a store on disk, an endpoint."""
