"""Takes the README's pictures: every view, in two themes, at 120×36, written by the screen itself as its key W does.

usage: python pictures.py NORMSCOPE REPOSITORY FOLDER [PYTHON]

Trains three short runs of the example on the data in REPOSITORY/sample-data, watches them, and leaves VIEW-THEME.svg in FOLDER.
With PYTHON, one that has torch, only the picture of a PyTorch program is taken, while it trains and is steered: pytorch-dark.svg.
"""
import json, os, signal, subprocess, sys, tempfile, time

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


def photograph_pytorch(python):
    """A PyTorch program that knows nothing of us, after its rate was halved and a checkpoint written by key."""
    package = os.pathsep.join([f"{REPOSITORY}/Sources/PyTorch", os.environ.get("PYTHONPATH", "")])
    program = subprocess.Popen(
        [python, "-m", "normscope", f"{REPOSITORY}/Tests/PyTorchTests/programs/mnist.py", "--epochs", "30"],
        env=dict(os.environ, PYTHONPATH=package), stdout=subprocess.DEVNULL)
    try:
        wait_for_step(program, 250)
        screen = Screen(NORMSCOPE, "watch", "runs", "--theme", "dark")
        screen.drain(2)
        for key in ("L", "\x15", "0.03", "\r"):
            screen.press(key)
            screen.drain(0.5)
        wait_for_step(program, 330)
        screen.press("c")
        screen.drain(1)
        wait_for_step(program, 400)
        screen.drain(7)
        os.replace(picture(screen), f"{FOLDER}/pytorch-dark.svg")
        screen.close()
        print("pytorch-dark.svg", flush=True)
    finally:
        program.send_signal(signal.SIGINT)
        program.wait()


def wait_for_step(program, step):
    while program.poll() is None:
        try:
            with open("runs/mnist/status.json") as file:
                if json.load(file)["step"] >= step:
                    return
        except FileNotFoundError:
            pass
        time.sleep(0.1)
    raise SystemExit("the program ended too early")


os.makedirs(FOLDER, exist_ok=True)
with tempfile.TemporaryDirectory(prefix="normscope-") as scratch:
    os.chdir(scratch)
    if len(sys.argv) > 4:
        photograph_pytorch(sys.argv[4])
    else:
        train("runs")
        for name in THEMES:
            photograph(name)
