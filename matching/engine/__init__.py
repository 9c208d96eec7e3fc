"""The pure part of matching: frozen people in, ranked matches with reasons out. No Django, no database."""
