"""Files that people hand in, kept as they came, by content. Access to a file follows the thing it belongs to."""
