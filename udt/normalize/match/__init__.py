"""Match the text against the lexicon: mentions, sentences, compositions, legends and sizes."""
