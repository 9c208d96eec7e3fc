"""The engine on planted people whose right answers are known by construction."""
