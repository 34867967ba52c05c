"""One reader per file format, all ending in the same station record."""
