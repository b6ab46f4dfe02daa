"""Trainings whose steps users write, in each library as its users write them.

`CustomStep` trains a workload's network; `Gan` a DCGAN (Radford et al., 2015) and `Vae` a variational autoencoder
(Kingma and Welling, 2013), both of images of 28 x 28 pixels.
"""

LATENT = {"Gan": 64, "Vae": 16}  # numbers that an image is made of
SLOPE, BETA_1 = 0.2, 0.5  # of leaky rectifiers, and of Adam in the GAN
