"""Graphs: how generators, refiner, discriminators and interpolator make one EF-GAN, or a cascade of them."""
