"""What the book measures itself by."""
