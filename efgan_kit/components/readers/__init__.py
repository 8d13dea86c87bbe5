"""Landmarkers and AU labellers that look at no picture: they read what another program wrote about it."""
