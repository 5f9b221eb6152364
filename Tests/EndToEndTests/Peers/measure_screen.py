"""Measures what the screen costs and how quick it is under the fingers, side by side with LEET where there is one.

usage: python measure_screen.py NORMSCOPE LOGWORKLOAD [WANDB]

WANDB is the program `wandb` of the package of that name, with a `python` beside it. Both programs look at the same points, which grow
at 10 a second in 20 series while they are measured one after the other.
"""
import os, random, subprocess, sys, tempfile

from pseudoterminal import Screen

NORMSCOPE, WORKLOAD = sys.argv[1], sys.argv[2]
WANDB = sys.argv[3] if len(sys.argv) > 3 else None
HERE = os.path.dirname(os.path.abspath(__file__))


def growing_points(folder):
    """Writes points until it is ended; the log for us is in `folder`/ours, LEET's run in `folder`/wandb."""
    python = os.path.join(os.path.dirname(WANDB), "python") if WANDB else sys.executable
    writer = subprocess.Popen(
        [python, f"{HERE}/grow.py", folder] + (["wandb"] if WANDB else []), stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True)
    return writer, writer.stdout.readline().strip()


def cost(name, program, *arguments, keys="", seconds=30):
    screen = Screen(program, *arguments)
    screen.drain(2)
    screen.press(keys)
    screen.drain(8)
    before = screen.processor_seconds()
    screen.drain(seconds)
    share, memory = (screen.processor_seconds() - before) / seconds, screen.peak_megabytes()
    screen.close()
    print(f"{name}: {share * 100:.2f}% of a core, {memory:.0f} MB at most", flush=True)
    return share, memory


def beside_leet(folder):
    writer, run = growing_points(folder)
    try:
        ours = cost("normscope, 20 series growing at 10 points a second", NORMSCOPE, "watch", f"{folder}/ours", keys="2")
        if WANDB:
            theirs = cost("LEET, the same points", WANDB, "leet", run)
            print(f"LEET takes {theirs[0] / ours[0]:.1f} times the processor and {theirs[1] / ours[1]:.1f} times the memory")
    finally:
        writer.terminate()
        writer.wait()


def key_to_frame(folder, count=300):
    """Milliseconds from a key to the last byte of what it brings on the screen, 1 million points open in the curves."""
    log = f"{folder}/million"
    subprocess.run([WORKLOAD, "scalars", log, "20", "50000"], check=True)
    screen, spent = Screen(NORMSCOPE, "watch", log), []
    screen.press("2")
    screen.wait(r"\.00M")
    screen.drain(1)
    keys = random.Random(1)
    for _ in range(count):
        screen.press(keys.choice(["i", "o", ",", ".", "+", "-", "y", "]", "[", "\r", "\x1b[C", "\x1b[D", "1", "2", "x"]))
        seconds = screen.settle()
        if seconds > 0:
            spent.append(seconds * 1000)
    screen.close()
    spent.sort()
    print(f"key to frame on a million points, {len(spent)} keys that change the picture: median "
          f"{spent[len(spent) // 2]:.1f} ms, worst {spent[-1]:.1f} ms")


with tempfile.TemporaryDirectory(prefix="normscope-") as scratch:
    key_to_frame(scratch)
    beside_leet(scratch)
