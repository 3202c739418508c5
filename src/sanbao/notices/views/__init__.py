"""The module's pages."""
