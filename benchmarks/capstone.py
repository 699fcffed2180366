"""What the course's three designs reach within the capstone's budget, and how long their training takes.

    python -m benchmarks.capstone                  five seeds of each design
    python -m benchmarks.capstone --write          and writes the networks of the first seed to convlab/data

Each is trained as the notebook does it: on 3,500 digits, chosen by 500 others, tested on the 1,000 test digits.
"""

import argparse
import time

import numpy as np
import torch

from convlab.layers import walk
from convlab.layers.capstone import DATA, DESIGNS, HELD_OUT, PICTURE, fit, interval, right_ones
from convlab.samples import digits


def parts(seed):
    """((images, labels) to learn from, (images, labels) to choose by)."""
    images, labels = digits()
    order = np.random.default_rng(seed).permutation(len(labels))
    return tuple((images[some], labels[some]) for some in (order[HELD_OUT:], order[:HELD_OUT]))


def run(name, seed, epochs):
    """(the network with the weights of its best epoch, its share of the held-out digits, seconds)."""
    torch.manual_seed(seed)
    network, began = DESIGNS[name](), time.perf_counter()
    history = fit(network, *parts(seed), epochs=epochs, seed=seed)
    seconds = time.perf_counter() - began
    network.load_state_dict(history.weights[history.best])
    return network, history.shares[history.best], seconds


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Trains the capstone's designs.")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args(arguments)
    kept = {}
    for name, design in DESIGNS.items():
        walked = walk(design(), (1, *PICTURE))
        print(f"{name}: {walked.parameters:,} parameters, {walked.macs:,} MACs")
        for seed in range(options.seeds):
            network, share, seconds = run(name, seed, options.epochs)
            right = right_ones(network)
            low, high = interval(right, 1000)
            print(
                f"  seed {seed}: held out {share:.1%}, test {right} of 1000 ({low:.1%} to {high:.1%}), {seconds:.1f} s"
            )
            if seed == 0:
                state = network.state_dict()
                kept |= {f"{name}/{key}": it.numpy().astype(np.float16) for key, it in state.items() if it.ndim}
    if options.write:
        np.savez_compressed(DATA / "capstone.npz", **kept)


if __name__ == "__main__":
    main()
