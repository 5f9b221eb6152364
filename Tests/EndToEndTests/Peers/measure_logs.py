"""Measures reading of event logs, side by side with TensorBoard's own data server and with LEET where there are such.

usage: python measure_logs.py NORMSCOPE LOGWORKLOAD [DATA_SERVER [WANDB]]

Needs nothing but Python. DATA_SERVER is the program `server` of the package tensorboard-data-server, WANDB the program
`wandb` of the package of that name, with a `python` beside it. The logs go to a
temporary folder (some 600 MB). Every figure is printed with what it is; times are seconds of the wall clock, the best of three
where a work can be repeated.
"""
import os, re, shutil, subprocess, sys, tempfile, time

from pseudoterminal import Screen
from records import scalar_record

NORMSCOPE, WORKLOAD = sys.argv[1], sys.argv[2]
SERVER = sys.argv[3] if len(sys.argv) > 3 else None
WANDB = sys.argv[4] if len(sys.argv) > 4 else None


def best(work, times=3):
    return min(work() for _ in range(times))


def our_seconds(directory):
    def once():
        begin = time.monotonic()
        subprocess.run([NORMSCOPE, "events", directory, "--json"], check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - begin
    return best(once)


def server_seconds(directory):
    """From the start of the data server to its word that everything is loaded."""
    def once():
        begin = time.monotonic()
        server = subprocess.Popen(
            [SERVER, "--logdir", directory, "--port", "0", "--reload", "once", "--checksum", "-vv"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            for line in server.stderr:
                if "Finished load cycle" in line:
                    return time.monotonic() - begin
        finally:
            server.kill()
            server.wait()
        raise SystemExit("the data server ended without having loaded")
    return best(once)


def compare(what, directory):
    ours = our_seconds(directory)
    text = f"{what}: {ours:.2f} s, every point kept"
    if SERVER:
        theirs = server_seconds(directory)
        text += f"; tensorboard-data-server --checksum {theirs:.2f} s (keeps 1,000 a tag): {theirs / ours:.1f}x"
    print(text, flush=True)


def first_chart(directory):
    """Until a curve stands on the screen: the view of curves asked for at once."""
    def once():
        screen = Screen(NORMSCOPE, "watch", directory)
        screen.press("2")
        screen.wait("[\u2801-\u28ff]")
        spent = time.monotonic() - screen.begin
        screen.close()
        return spent
    return best(once)


def beside_leet(folder):
    """A million points, 20 tags: until a curve stands on the screen, and until all points are there."""
    made = """
import math, wandb
run = wandb.init(mode="offline", project="measure", dir=".")
for step in range(50_000):
    run.log({f"train/metric_{i}": math.exp(-step / 1e5) + 0.1 * math.sin(step * 0.01) for i in range(20)})
run.finish()
"""
    python = os.path.join(os.path.dirname(WANDB), "python")
    os.makedirs(f"{folder}/leet")
    subprocess.run([python, "-c", made], cwd=f"{folder}/leet", check=True, capture_output=True)
    run = next(entry.path for entry in os.scandir(f"{folder}/leet/wandb") if entry.name.startswith("offline-run"))
    ours = f"{folder}/million"
    subprocess.run([WORKLOAD, "scalars", ours, "20", "50000"], check=True)
    for name, arguments, program, done in [
        ("normscope", ["watch", ours], NORMSCOPE, r"\.00M"), ("LEET", ["leet", run], WANDB, "Finished")
    ]:
        screen = Screen(program, *arguments)
        if name == "normscope":
            screen.press("2")
        screen.wait("[\u2801-\u28ff]")
        first = time.monotonic() - screen.begin
        if not re.search(done, screen.seen):
            screen.wait(done)
        print(f"{name}, a million points: first chart after {first:.2f} s, all of them after "
              f"{time.monotonic() - screen.begin:.2f} s", flush=True)
        screen.close()


def key_gaps(directory):
    """Seconds between a key and what it brings on the screen, over the three seconds in which all is loaded."""
    screen, gaps = Screen(NORMSCOPE, "watch", directory), []
    screen.press("2")
    screen.wait("[\u2801-\u28ff]")
    while time.monotonic() - screen.begin < 3:
        screen.press("?")
        gaps.append(screen.wait("Keys"))
        screen.press("?")
        screen.drain(0.02)
    screen.close()
    return sorted(gaps)


def latencies(directory, count=20):
    """Seconds from the write of a point to its step on the screen."""
    file = f"{directory}/events.out.tfevents.1700000000.live.1.0"
    with open(file, "ab", buffering=0) as log:
        log.write(scalar_record(b"loss", 1, 1.0, 1.7e9))
        screen, spent = Screen(NORMSCOPE, "watch", directory), []
        screen.wait("step")
        screen.drain(0.5)
        for number in range(count):
            step = int(str(number % 9 + 1) * 7) + 10000000 * (number + 1)
            log.write(scalar_record(b"loss", step, 1.0, 1.7e9 + number))
            spent.append(screen.wait(str(step)[-6:]))
            screen.drain(0.1 + number * 0.0071)  # at no fixed place in anybody's rhythm
        screen.close()
    return sorted(spent)


def idle_share(directory, seconds=10):
    screen = Screen(NORMSCOPE, "watch", directory)
    screen.drain(6)
    before = screen.processor_seconds()
    screen.drain(seconds)
    share = (screen.processor_seconds() - before) / seconds
    screen.close()
    return share


def growing_share(directory, seconds=10):
    """The table of runs on the screen, while one of them gets ten points a second."""
    file = next(entry.path for entry in os.scandir(next(os.scandir(directory)).path) if "tfevents" in entry.name)
    screen = Screen(NORMSCOPE, "watch", directory)
    screen.drain(6)
    screen.press("6")
    screen.drain(1)
    before = screen.processor_seconds()
    with open(file, "ab", buffering=0) as log:
        for number in range(seconds * 10):
            log.write(scalar_record(b"loss", 1000 + number, 1.0, 1.7e9 + number))
            screen.drain(0.1)
    share = (screen.processor_seconds() - before) / seconds
    screen.close()
    return share


def main(folder):
    def made(name, *arguments):
        directory = f"{folder}/{name}"
        subprocess.run([WORKLOAD, arguments[0], directory, *map(str, arguments[1:])], check=True)
        return directory

    large = made("large", "scalars", 20, 250_000)
    size = sum(entry.stat().st_size for entry in os.scandir(large)) / 1e6
    compare(f"5 million scalars in one file ({size:.0f} MB)", large)
    print(f"first chart of them on the screen: {first_chart(large) * 1000:.0f} ms after the start", flush=True)
    gaps = key_gaps(large)
    print(f"key to frame while they load: median {gaps[len(gaps) // 2] * 1000:.0f} ms, worst {gaps[-1] * 1000:.0f} ms "
          f"of {len(gaps)}", flush=True)
    shutil.rmtree(large)
    many = made("many", "runs", 200, 20, 1000)
    compare("200 runs x 20 tags x 1,000 points", many)
    shutil.rmtree(many)
    if WANDB:
        beside_leet(folder)
    live = f"{folder}/live"
    os.makedirs(live)
    spent = latencies(live)
    print(f"a new point, from the write to the screen: median {spent[len(spent) // 2] * 1000:.0f} ms, "
          f"worst {spent[-1] * 1000:.0f} ms of {len(spent)}", flush=True)
    resting = made("resting", "runs", 1000, 5, 20)
    print(f"1,000 runs, nothing changing: {idle_share(resting) * 100:.2f}% of a core", flush=True)
    print(f"1,000 runs in the table, one of which grows: {growing_share(resting) * 100:.2f}% of a core", flush=True)
    steps = subprocess.run([WORKLOAD, "steps", f"{folder}/steps", "200000"], check=True, capture_output=True, text=True)
    bench = subprocess.run([NORMSCOPE, "bench", "--json"], check=True, capture_output=True, text=True)
    step = float(re.search(r'"trainMillisecondsPerStep" *: *([0-9.]+)', bench.stdout).group(1)) * 1000
    print(f"logging costs {float(steps.stdout):.2f} us of a step of {step:.0f} us: "
          f"{float(steps.stdout) / step * 100:.2f}%", flush=True)


with tempfile.TemporaryDirectory(prefix="normscope-") as folder:
    main(folder)
