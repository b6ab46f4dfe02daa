"""Steps in PyTorch; `CustomStep` is the loop that users write anyway."""

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits

from benchmarks.contenders.own_steps import BETA_1, LATENT, SLOPE
from benchmarks.contenders.torch import DEVICE, Contender

CustomStep = Contender


class Autoencoder(nn.Module):
    """An encoder to means and variances, and a decoder."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 32, 3, 2, 1), nn.ReLU(), nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU(), nn.Flatten(),
            nn.Linear(7 * 7 * 64, 64), nn.ReLU(),
        )  # fmt: skip
        self.mean, self.log_variance = nn.Linear(64, LATENT["Vae"]), nn.Linear(64, LATENT["Vae"])
        self.decoder = nn.Sequential(
            nn.Linear(LATENT["Vae"], 7 * 7 * 64), nn.ReLU(), nn.Unflatten(1, (64, 7, 7)),
            nn.ConvTranspose2d(64, 64, 3, 2, 1, 1), nn.ReLU(), nn.ConvTranspose2d(64, 32, 3, 2, 1, 1), nn.ReLU(),
            nn.ConvTranspose2d(32, 1, 3, 1, 1), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, images):
        x = self.encoder(images)
        mean, log_variance = self.mean(x), self.log_variance(x)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        return self.decoder(z), mean, log_variance


class Own:
    """The loop around a step."""

    def __init__(self, workload, dtype="float32", variant="eager"):
        self.workload, self.compiles = workload, variant == "compile"
        self.make()

    def prepared(self, module):
        module = module.to(DEVICE).to(memory_format=torch.channels_last)
        return torch.compile(module) if self.compiles else module

    def adam(self, module, **options):
        return torch.optim.Adam(module.parameters(), self.workload.rate, fused=self.compiles, **options)

    def fit(self, X, y, epochs, ended):
        """Train; `ended` is called after each epoch. Returns the last epoch's loss."""
        X = torch.from_numpy(X).to(DEVICE)
        for _ in range(epochs):
            batches = torch.randperm(len(X), device=DEVICE).split(self.workload.batch)
            mean = torch.stack([self.step(X[rows].permute(0, 3, 1, 2)) for rows in batches]).mean().item()
            ended()
        return mean


class Gan(Own):
    """The generative adversarial network."""

    def make(self):
        slope = nn.LeakyReLU(SLOPE)
        self.generator = self.prepared(
            nn.Sequential(
                nn.Linear(LATENT["Gan"], 7 * 7 * 64),
                slope,
                nn.Unflatten(1, (64, 7, 7)),
                nn.ConvTranspose2d(64, 64, 4, 2, 1),
                slope,
                nn.ConvTranspose2d(64, 32, 4, 2, 1),
                slope,
                nn.Conv2d(32, 1, 5, 1, 2),
                nn.Sigmoid(),
            )  # fmt: skip
        )
        self.discriminator = self.prepared(
            nn.Sequential(
                nn.Conv2d(1, 32, 4, 2, 1),
                slope,
                nn.Conv2d(32, 64, 4, 2, 1),
                slope,
                nn.Flatten(),
                nn.Dropout(0.2),
                nn.Linear(7 * 7 * 64, 1),
            )  # fmt: skip
        )
        self.d_optimizer = self.adam(self.discriminator, betas=(BETA_1, 0.999))
        self.g_optimizer = self.adam(self.generator, betas=(BETA_1, 0.999))

    @staticmethod
    def lost(told, real):
        return binary_cross_entropy_with_logits(told, torch.ones_like(told) if real else torch.zeros_like(told))

    def drawn(self, count):
        return self.generator(torch.randn(count, LATENT["Gan"], device=DEVICE))

    def step(self, real):
        """A step of the discriminator, then one of the generator; their losses' sum."""
        with torch.no_grad():
            fake = self.drawn(len(real))
        d_loss = self.lost(self.discriminator(real), True) + self.lost(self.discriminator(fake), False)
        self.d_optimizer.zero_grad()
        d_loss.backward()
        self.d_optimizer.step()
        self.discriminator.requires_grad_(False)
        g_loss = self.lost(self.discriminator(self.drawn(len(real))), True)
        self.discriminator.requires_grad_(True)
        self.g_optimizer.zero_grad()
        g_loss.backward()
        self.g_optimizer.step()
        return (d_loss + g_loss).detach()


class Vae(Own):
    """The variational autoencoder."""

    def make(self):
        self.module = self.prepared(Autoencoder())
        self.optimizer = self.adam(self.module)

    def step(self, images):
        """A step; its loss."""
        told, mean, log_variance = self.module(images)
        lost = binary_cross_entropy(told, images, reduction="none").sum((1, 2, 3)).mean()
        divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1).mean()
        loss = lost + divergence
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.detach()
