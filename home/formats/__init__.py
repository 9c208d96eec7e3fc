"""How dates are written here, where it differs from Django's way."""
