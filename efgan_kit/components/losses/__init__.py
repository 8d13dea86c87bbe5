"""Loss terms: a module each, with a method for each player it teaches."""
