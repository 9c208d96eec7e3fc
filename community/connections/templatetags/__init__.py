"""What templates say of connections."""
