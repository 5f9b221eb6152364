"""Programs on a pseudoterminal, for measuring: what they show, when, and what it costs them."""
import fcntl, os, pty, re, select, struct, termios, time

# What a terminal answers when it is asked for its state, its colours, its cursor and its kind.
ANSWERS = {"\x1b[5n": b"\x1b[0n", "\x1b]11;?": b"\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1b[6n": b"\x1b[1;1R",
           "\x1b[c": b"\x1b[?62c"}


def stat_fields(process):
    """What stands in /proc/PID/stat behind the program's name: state, parent, …"""
    return open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()


class Screen:
    """A program on a pseudoterminal of 120×36 that answers as a terminal does."""

    def __init__(self, program, *arguments):
        self.begin = time.monotonic()
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
            os.execv(program, [program, *arguments])

    def read(self, seconds):
        """What comes within so many seconds, at the first sign of anything."""
        if not select.select([self.file], [], [], seconds)[0]:
            return ""
        try:
            text = os.read(self.file, 1 << 16).decode("utf-8", "replace")
        except OSError:  # the program has ended
            return ""
        for question, answer in ANSWERS.items():
            for _ in range(text.count(question)):
                os.write(self.file, answer)
        return text

    def wait(self, pattern, seconds=60):
        """Seconds until what is written from now on matches; all of it is kept as `seen`."""
        begin, self.seen = time.monotonic(), ""
        while time.monotonic() - begin < seconds:
            self.seen += self.read(0.5)
            if re.search(pattern, self.seen):
                return time.monotonic() - begin
        raise SystemExit(f"waited in vain for {pattern}")

    def press(self, keys):
        os.write(self.file, keys.encode())

    def processes(self):
        """The program's process and those it started, whether they still have a parent or not."""
        found, parents = {self.pid}, {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    parents[int(entry)] = int(stat_fields(entry)[1])
                except OSError:  # it has ended meanwhile
                    continue
        while more := {child for child, parent in parents.items() if parent in found} - found:
            found |= more
        return found

    def processor_seconds(self):
        ticks = [stat_fields(process)[11:13] for process in self.processes()]
        return sum(int(user) + int(system) for user, system in ticks) / os.sysconf("SC_CLK_TCK")

    def peak_megabytes(self):
        """The largest resident size each of its processes had, summed."""
        sizes = [re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{process}/status").read()) for process in self.processes()]
        return sum(int(size.group(1)) for size in sizes if size) / 1024

    def drain(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(max(0, end - time.monotonic()))

    def settle(self, quiet=0.03, seconds=5):
        """Seconds until the last that comes before nothing comes for `quiet` seconds; 0 if nothing comes at all."""
        begin, last = time.monotonic(), 0
        while time.monotonic() - begin < seconds and self.read(quiet):
            last = time.monotonic() - begin
        return last

    def close(self):
        self.press("q")
        self.drain(0.3)
        try:
            os.kill(self.pid, 15)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.file)
