"""Small controls that every place is made of. They know the theme, and nothing of the studio."""
