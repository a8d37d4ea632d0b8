"""How far a language is read: the words that the ontology holds of it, its own sentences, and coverage of texts."""
