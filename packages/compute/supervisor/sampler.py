"""Measures what the runs of one site use: sampler.py SITE.

One process per site, however many runs there are. Supervisors register an attempt as a file in SITE/sampler/attempts that
holds the path of the attempt's folder. Twice a second all processes are looked at, their use is summed by session
(a script and all it starts are one), and every few seconds each run gets a line in journal/_host.jsonl: `cpu` in cores, `memory` in bytes,
`gpu` in GPUs (0.5: half of one), `gpuMemory` in bytes. Leaves a minute after the last run.

`peak` holds the most memory that a run had: of all its processes at one look, or, should that be more, of any one process
ever, for which the kernel keeps count. That count goes with the process: what it grew by after the last look is missed. Of a
run that was over before its second look nobody knows the peak, and there is no `peak`.

Standard library only, Python 3.6 or later, Linux only (/proc).
"""
import fcntl
import json
import os
import shutil
import sys
import time

from machine import look_at_gpus, look_at_processes, most_memory_of

SECONDS = float(os.environ.get("SWITCHYARD_SAMPLE_SECONDS") or 5)
# how often processes are looked at for their memory
LOOK_SECONDS = min(SECONDS, float(os.environ.get("SWITCHYARD_LOOK_SECONDS") or 0.5))
# however many processes the host has, looking at them may take no more of a core than this
MOST_OF_A_CORE = 0.03
LEAVE_AFTER_SECONDS = 60
# a run whose use does not change gets a line this often only
REPEAT_AFTER_SECONDS = 60
TICKS = os.sysconf("SC_CLK_TCK")


class Attempt:
    """One registered attempt, from its first sample to its end."""

    def __init__(self, folder):
        self.folder = folder
        self.script = 0
        self.session = 0
        self.aside = 0
        self.watchdogs = ()
        self.began = None
        self.ticks = 0
        self.looked = None
        self.looks = 0
        self.peak = 0
        self.peak_told = 0
        self.number = None
        self.torn = False
        self.written = None
        self.written_at = 0.0
        self.missed = 0

    def find(self):
        """Reads who runs the attempt; the script's session has the script's pid as its number, a container's that of its init."""
        words = read_words(os.path.join(self.folder, "pids"))
        if len(words) >= 6:
            self.watchdogs = (int(words[0]), int(words[2]))
            self.script = int(words[4])
        self.session = self.script
        if os.path.exists(os.path.join(self.folder, "container")):
            self.session = int((read_words(os.path.join(self.folder, "init")) or ["0"])[0])
        if self.session:
            # of a sampler that went before
            self.peak = self.peak_told = int((read_words(os.path.join(self.folder, "peak")) or ["0"])[0])
        if self.script:
            started = read_words(os.path.join(self.folder, "started"))
            self.looked = int(started[0]) / 100 if started else None

    def find_aside(self):
        """The session in which mpirun keeps a distributed run's processes on this machine, beside the script's; 0 without."""
        if not self.aside and self.session == self.script:
            # a container counts its processes by numbers of its own
            words = read_words(os.path.join(self.folder, "ranks", "aside"))
            self.aside = int(words[0]) if words else 0
        return self.aside

    def is_over(self, alive):
        """Whether nothing more will come, given the pids that live."""
        if not os.path.isdir(self.folder) or os.path.exists(os.path.join(self.folder, "ended.json")):
            return True
        if self.script in alive or any(pid in alive for pid in self.watchdogs):
            self.missed = 0
        else:
            self.missed += 1
        return self.missed > 2

    def use(self, ticks, memory, gpu, gpu_memory, clock):
        """What was used since the last look."""
        seconds = clock - self.looked if self.looked is not None else 0
        cpu = max(0, ticks - self.ticks) / TICKS / seconds if seconds > 0.05 else None
        self.ticks = ticks
        self.looked = clock
        cpu = None if cpu is None else round(cpu, 3)
        return {"cpu": cpu, "memory": memory, "gpu": gpu, "gpuMemory": gpu_memory}

    def is_news(self, use, clock):
        """Whether the use differs enough from the last line to be worth another one."""
        if self.written is None or clock - self.written_at >= REPEAT_AFTER_SECONDS:
            return True
        return any(differs(self.written[key], use[key]) for key in use)

    def unlock(self):
        """Takes away what holds back every line: the mark that a line is being written. A sampler that was killed may leave one."""
        try:
            os.rmdir(os.path.join(self.folder, "sampling"))
        except OSError:
            pass

    def write(self, use, clock):
        """Appends a line, unless the supervisor is closing the attempt: after the end no file may grow."""
        try:
            os.mkdir(os.path.join(self.folder, "sampling"))
        except OSError:
            return
        try:
            if not os.path.exists(os.path.join(self.folder, "closing")):
                self._append(use)
                self.written, self.written_at = use, clock
        except OSError:
            # a full disk: the next sample tries again, on a new line
            self.torn = True
        finally:
            self.unlock()

    def _append(self, use):
        path = os.path.join(self.folder, "journal", "_host.jsonl")
        if self.number is None:
            self.number, self.torn = last_number(path)
        line = {"n": self.number + 1, "t": round(time.time(), 3), "k": "use"}
        line.update(use)
        text = ("\n" if self.torn else "") + json.dumps(line) + "\n"
        # a script may write here as well: neither a link to what is not its own is followed nor a pipe waited for
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
        try:
            wrote = os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)
        self.torn = wrote < len(text)
        self.number += 1

    def keep_peak(self, memory, pids):
        """Keeps the most memory: `memory` that its processes have now, or what the kernel says that one of them had."""
        self.looks += 1
        self.peak = max([self.peak, memory] + [most_memory_of(pid) for pid in pids])
        if self.looks == 1 or self.peak <= self.peak_told:
            return
        try:
            replace(os.path.join(self.folder, "peak"), "%d\n" % self.peak)
            self.peak_told = self.peak
        except OSError:
            # a full disk, or a run that was removed
            pass


def differs(was, now):
    """Whether a number changed by more than a twentieth."""
    if was is None or now is None:
        return was is not now
    return abs(was - now) > max(abs(was), abs(now)) * 0.05 + 0.005


def read_words(path):
    try:
        with open(path) as file:
            return file.read().split()
    except OSError:
        return []


def replace(path, text):
    with open(path + ".tmp", "w") as file:
        file.write(text)
    os.rename(path + ".tmp", path)


def last_number(path):
    """The number of the last whole record of a journal, and whether its end is torn."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            data = file.read()
    except OSError:
        return 0, False
    number = 0
    for line in data.split(b"\n"):
        try:
            number = max(number, json.loads(line.decode())["n"])
        except (ValueError, KeyError, TypeError):
            continue
    return number, bool(data) and not data.endswith(b"\n")


class Sampler:
    def __init__(self, site):
        self.folder = os.path.join(site, "sampler")
        self.register = os.path.join(self.folder, "attempts")
        self.attempts = {}
        self.has_nvidia = shutil.which("nvidia-smi") is not None

    def take_site(self):
        """Becomes the site's only sampler; false when there is one."""
        self.lock = open(os.path.join(self.folder, "lock"), "w")
        for _ in range(30):
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.tell_pid()
                return True
            except OSError:
                if os.path.exists(os.path.join(self.folder, "pid")):
                    return False
                # the one that holds it is just leaving
                time.sleep(0.1)
        return False

    def tell_pid(self):
        with open("/proc/self/stat") as file:
            start = file.read().rpartition(")")[2].split()[19]
        boot = (read_words("/proc/sys/kernel/random/boot_id") or ["-"])[0]
        replace(os.path.join(self.folder, "pid"), "%d %s %s\n" % (os.getpid(), start, boot))

    def find_attempts(self):
        names = set(os.listdir(self.register))
        for name in names - set(self.attempts):
            try:
                with open(os.path.join(self.register, name)) as file:
                    folder = file.read().rstrip("\n")
            except OSError:
                continue
            self.attempts[name] = Attempt(folder)
            self.attempts[name].unlock()
        for attempt in self.attempts.values():
            if not attempt.session:
                attempt.find()

    def look(self, is_due):
        """Looks at all processes: for peaks, and when it is due for the use as well."""
        sessions = {attempt.session: name for name, attempt in self.attempts.items() if attempt.session}
        belonging = {attempt.find_aside(): attempt.session for attempt in self.attempts.values() if attempt.session and attempt.find_aside()}
        alive, used = look_at_processes(sessions, belonging)
        for session, name in sessions.items():
            _, memory, pids = used[session]
            if pids:
                self.attempts[name].keep_peak(memory, pids)
        if is_due:
            self.sample(sessions, alive, used)

    def sample(self, sessions, alive, used):
        gpus = look_at_gpus() if self.has_nvidia and sessions else None
        clock = float(read_words("/proc/uptime")[0])
        for session, name in sessions.items():
            ticks, memory, pids = used[session]
            if pids:
                attempt = self.attempts[name]
                use = attempt.use(ticks, memory, *self.sum_gpus(gpus, pids), clock=clock)
                if attempt.is_news(use, clock):
                    attempt.write(use, clock)
        # who still has processes needs no look at the disk
        for name, attempt in list(self.attempts.items()):
            if (not attempt.session or not used[attempt.session][2]) and attempt.is_over(alive):
                self.forget(name)

    @staticmethod
    def sum_gpus(gpus, pids):
        if gpus is None:
            return None, None
        mine = [gpus[pid] for pid in pids if pid in gpus]
        return round(sum(share for share, _ in mine), 3), sum(held for _, held in mine)

    def forget(self, name):
        del self.attempts[name]
        try:
            os.unlink(os.path.join(self.register, name))
        except OSError:
            pass

    def run(self):
        idle_since = None
        due = 0.0
        while True:
            before = sum(os.times()[:4])
            self.find_attempts()
            if self.attempts:
                idle_since = None
                is_due = time.monotonic() >= due
                if is_due:
                    due = time.monotonic() + SECONDS
                self.look(is_due)
            elif idle_since is None:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > LEAVE_AFTER_SECONDS and self.leave():
                return
            spent = sum(os.times()[:4]) - before
            time.sleep(max(LOOK_SECONDS, spent / MOST_OF_A_CORE))

    def leave(self):
        """Gives the site up, unless an attempt was registered at this moment."""
        os.unlink(os.path.join(self.folder, "pid"))
        if not os.listdir(self.register):
            return True
        self.tell_pid()
        return False


def main():
    sampler = Sampler(sys.argv[1])
    os.chdir("/")
    if sampler.take_site():
        os.nice(5)
        try:
            sampler.run()
        except FileNotFoundError:
            # the site was removed
            pass


if __name__ == "__main__":
    main()
