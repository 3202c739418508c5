"""Sanbao: after-sales service management whose input is the company's regulations."""
