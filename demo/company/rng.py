"""Random numbers: one independent stream per business process, so that a new process disturbs no other."""

from __future__ import annotations

import zlib

import numpy as np


def rng_for(seed: int, process: str) -> np.random.Generator:
    """The stream of one process; depends on the seed and the process's name only."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(process.encode())])))
