"""The pages of the service desk."""
