#!/usr/bin/env python3
"""Make the small Fashion-MNIST in this folder from Debian's whole one.

usage: python3 make-subset.py [SOURCE] [DESTINATION]
       SOURCE defaults to /usr/share/datasets/fashion-mnist (apt install dataset-fashion-mnist)
       DESTINATION defaults to the folder of this script

Takes the first 600 training and the first 100 test images of each of the ten classes and leaves them in the order in
which they stand in the original files. Nothing is drawn at random and no time is written, so the same source and zlib give
the same bytes.
"""
import gzip
import pathlib
import struct
import sys

CLASSES = 10
IMAGES_MAGIC, LABELS_MAGIC = 0x803, 0x801


def read_images(path):
    data = gzip.decompress(path.read_bytes())
    magic, count, height, width = struct.unpack(">4I", data[:16])
    if magic != IMAGES_MAGIC or len(data) != 16 + count * height * width:
        sys.exit(f"{path}: not an IDX file of images")
    return data[16:], count, height, width


def read_labels(path):
    data = gzip.decompress(path.read_bytes())
    magic, count = struct.unpack(">2I", data[:8])
    if magic != LABELS_MAGIC or len(data) != 8 + count:
        sys.exit(f"{path}: not an IDX file of labels")
    return data[8:]


def first_of_each_class(labels, each):
    """Indices, ascending, of the first `each` labels of every class."""
    left = [each] * CLASSES
    chosen = []
    for index, label in enumerate(labels):
        if left[label] > 0:
            left[label] -= 1
            chosen.append(index)
    if any(left):
        sys.exit(f"a class has fewer than {each} images")
    return chosen


def write_gzip(path, data):
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as zipped:
        zipped.write(data)


def make_split(source, destination, split, each):
    pixels, count, height, width = read_images(source / f"{split}-images-idx3-ubyte.gz")
    labels = read_labels(source / f"{split}-labels-idx1-ubyte.gz")
    if len(labels) != count:
        sys.exit(f"{source}: {count} images and {len(labels)} labels in {split}")
    chosen = first_of_each_class(labels, each)
    size = height * width
    images = b"".join(pixels[i * size:(i + 1) * size] for i in chosen)
    header = struct.pack(">4I", IMAGES_MAGIC, len(chosen), height, width)
    write_gzip(destination / f"{split}-images-idx3-ubyte.gz", header + images)
    header = struct.pack(">2I", LABELS_MAGIC, len(chosen))
    write_gzip(destination / f"{split}-labels-idx1-ubyte.gz", header + bytes(labels[i] for i in chosen))
    print(f"{split}: {len(chosen)} of {count} images of {height}x{width}")


def main():
    here = pathlib.Path(__file__).resolve().parent
    source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/datasets/fashion-mnist")
    destination = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else here
    make_split(source, destination, "train", 600)
    make_split(source, destination, "t10k", 100)


if __name__ == "__main__":
    main()
