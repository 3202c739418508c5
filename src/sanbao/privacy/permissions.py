"""The one permission: to handle people's requests about their data."""

HANDLE = "privacy:request:handle"
