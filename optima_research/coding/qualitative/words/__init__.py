"""What the words say: corpora, segments, forms, lexical classes, specificities, similarity."""
