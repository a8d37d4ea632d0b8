"""Reports as RDF: a tree of nodes that the formats `ttl` and `jsonld` write in their syntax."""
