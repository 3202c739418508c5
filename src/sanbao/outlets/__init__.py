"""Regions and outlets (网点), and who holds which post where: headquarters, a region, an outlet."""
