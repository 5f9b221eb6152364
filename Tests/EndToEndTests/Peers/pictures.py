"""Takes the README's pictures: every view, in two themes, at 120×36, written by the screen itself as its key W does.

usage: python pictures.py NORMSCOPE REPOSITORY FOLDER

Trains three short runs of the example on the data in REPOSITORY/sample-data, watches them, and leaves VIEW-THEME.svg in FOLDER.
"""
import os, subprocess, sys, tempfile, time

from pseudoterminal import Screen

NORMSCOPE, REPOSITORY, FOLDER = map(os.path.abspath, sys.argv[1:4])
THEMES = ["dark", "light"]
RUNS = {
    "batchnorm-cnn-lr0.003": ("batchnorm-cnn.yaml", 0.003),
    "no-batchnorm": ("no-batchnorm.yaml", 0.01),
    "batchnorm-cnn": ("batchnorm-cnn.yaml", 0.01),
}
# The keys that lead from the Overview to each picture.
VIEWS = {
    "overview": "1", "curves": "2", "batchnorm": "3", "histograms": "4", "checkpoints": "5\r", "runs": "6", "log": "7",
    "images": "1i",
}


def train(runs):
    for name, (experiment, rate) in RUNS.items():
        subprocess.run(
            [NORMSCOPE, "train", "--headless", f"{REPOSITORY}/sample-data/experiments/{experiment}", "--runs", runs,
             "--name", name, "--set", "epochs=8", "--set", f"optimizer=SGD(lr={rate}, momentum=0.9, weight_decay=5e-4)"],
            check=True, stdout=subprocess.DEVNULL)


def picture(screen, seconds=20):
    """Presses W and returns the file that it makes."""
    before = set(os.listdir("."))
    screen.press("W")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        screen.drain(0.1)
        if made := [name for name in set(os.listdir(".")) - before if name.endswith(".svg")]:
            return made[0]
    raise SystemExit("W made no picture")


def photograph(theme):
    for view, keys in VIEWS.items():
        screen = Screen(NORMSCOPE, "watch", "runs", "--theme", theme)
        screen.drain(1.5)
        for key in keys:
            screen.press(key)
            screen.drain(1)
        os.replace(picture(screen), f"{FOLDER}/{view}-{theme}.svg")
        screen.close()
        print(f"{view}-{theme}.svg", flush=True)


os.makedirs(FOLDER, exist_ok=True)
with tempfile.TemporaryDirectory(prefix="normscope-") as scratch:
    os.chdir(scratch)
    train("runs")
    for name in THEMES:
        photograph(name)
