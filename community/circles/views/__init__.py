"""What is shown of circles, and who may do what in them."""
