#!/usr/bin/env python3
"""What PyTorch makes of all 256 bytes: ToTensor's division by 255 and Normalize's subtraction and division.

usage: python3 make_pixels.py          (needs torch; written by torch 2.15 on x86-64)
Writes pixels.bin beside this script: 256 little-endian 32-bit floats of byte / 255, then 256 after Normalize(0.2860, 0.3530).
"""
import pathlib
import torch

pixels = torch.arange(256, dtype=torch.uint8).to(torch.float32).div(255)
normalized = pixels.clone().sub_(torch.tensor(0.2860)).div_(torch.tensor(0.3530))
path = pathlib.Path(__file__).resolve().parent / "pixels.bin"
path.write_bytes(pixels.numpy().tobytes() + normalized.numpy().tobytes())
