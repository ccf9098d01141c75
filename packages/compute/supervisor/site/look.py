# Answers questions about job directories, asked on standard input, one after the other, for as long as somebody asks.
# It finds facts and decides nothing. For Python 3.5 and newer, with nothing but what is always there.
#
#   look N                   then N lines, each a job directory. Answer: `at <seconds of the day's clock>`, then for each
#     job                    `missing`, `nosite` (not even the folder of all jobs) or `unreadable <why>`; else its attempts,
#     attempt N QUIET        by number, with the seconds since its folder changed, followed by
#     ended TEXT             its ended.json, or while there is none
#     processes A B C LIVES  supervisor, waiter, script (0: none), and 1 when one of them lives
#     file SIZE NAME         what may have grown; names with control characters are left out
#                            a job that has no attempt:
#     first N                the attempt it is to begin with, as job.sh says
#     complaint TEXT         the last words of a supervisor that could not claim it
#     end
#   read N                   then N lines `OFFSET MOST PATH`. Answer to each: `bytes N`, N bytes, and `whole`, or `torn`
#                            when the file shrank meanwhile and the bytes are good for nothing
#   find                     then a job directory and a path below it. Answer: `size N`, `none`, `link`, `special`, or
#                            `behind` when a folder above it is a link
#   list N                   then a job directory and N folders below it. Answer: `entry MODE SIZE CHANGED PATH`, `denied
#                            FOLDER`, `odd PATH` (control characters) for all that is no folder, `gone`, and `end`
import os
import stat
import sys
import time

MOST_FILES = 10000
DEEPEST_FOLDER = 32
SETTLED_AFTER = 2.0
MOST_FOLDERS = 40000
CHECK_AGAIN_AFTER = 5.0
CONTROL = bytes(range(1, 32)) + b"\x7f"
BLANKS = bytes(32 if byte < 32 or byte == 127 else byte for byte in range(256))
NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

listings = {}
checked = {}
out = sys.stdout.buffer
questions = sys.stdin.buffer


def flat(text):
    return text.translate(BLANKS)


def reason(error):
    return (error.strerror or "unknown error").encode()


def list_folder(folder):
    """(changed, files, folders), or None when there is no such folder. Read again only when its time of change moved."""
    try:
        found = os.lstat(folder)
    except FileNotFoundError:
        return None
    if not stat.S_ISDIR(found.st_mode):
        return None
    changed = found.st_ctime
    known = listings.get(folder)
    if known is not None and known[0] == changed:
        return known
    files, folders = [], []
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        names = []
    for name in names:
        if name.translate(None, CONTROL) != name:
            continue
        try:
            mode = os.lstat(folder + b"/" + name).st_mode
        except OSError:
            continue
        if stat.S_ISDIR(mode):
            folders.append(name)
        elif stat.S_ISREG(mode):
            files.append(name)
    listing = (changed, files, folders)
    # A folder that changed a moment ago may change again without a new time stamp.
    if abs(time.time() - changed) > SETTLED_AFTER:
        if len(listings) >= MOST_FOLDERS:
            listings.clear()
        listings[folder] = listing
    else:
        listings.pop(folder, None)
    return listing


def read_plain(path, most=16 * 1024 * 1024):
    try:
        file = os.open(path, os.O_RDONLY | NO_LINK)
    except OSError:
        return b""
    try:
        return os.read(file, most) if stat.S_ISREG(os.fstat(file).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(file)


def boot_id():
    return read_plain_proc("/proc/sys/kernel/random/boot_id").strip().decode() or None


def read_plain_proc(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


has_proc = bool(read_plain_proc("/proc/self/stat"))
boot = boot_id()


def start_of(pid):
    """When a living process began, in the notation of the supervisor; None when there is none."""
    if has_proc:
        fields = read_plain_proc("/proc/%d/stat" % pid).rpartition(b") ")[2].split()
        return None if len(fields) < 20 or fields[0] in (b"Z", b"X") else fields[19].decode()
    import subprocess

    try:
        words = subprocess.check_output(["ps", "-o", "state=", "-o", "lstart=", "-p", str(pid)]).decode().split()
    except Exception:
        return None
    return "_".join(words[1:]) if words and words[0][0] not in "ZX" else None


def is_alive(pid, start, of_boot):
    if pid <= 0 or (of_boot != "-" and boot is not None and of_boot != boot):
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass
    except OSError:
        checked.pop(pid, None)
        return False
    now = time.monotonic()
    before = checked.get(pid)
    if before is not None and before[0] == start and now - before[1] < CHECK_AGAIN_AFTER:
        return True
    began = start_of(pid)
    if began is None or (start != "-" and start != began):
        return False
    if len(checked) > 100000:
        checked.clear()
    checked[pid] = (start, now)
    return True


def number_of(word):
    return int(word) if word.isdigit() else 0


def look_at_processes(attempt):
    words = read_plain(attempt + b"/pids").decode("latin-1").split()
    if len(words) < 7:
        return None
    pids = [number_of(words[index]) for index in (0, 2, 4)]
    lives = any(is_alive(pid, words[2 * index + 1], words[6]) for index, pid in enumerate(pids))
    return lives, b"processes %d %d %d %d\n" % (pids[0], pids[1], pids[2], lives)


def list_growing(root, below, depth, into):
    listing = list_folder(root + b"/" + below)
    if listing is None:
        return
    for name in listing[1]:
        if len(into) >= MOST_FILES:
            return
        into.append(below + b"/" + name)
    if depth < DEEPEST_FOLDER:
        for name in listing[2]:
            list_growing(root, below + b"/" + name, depth + 1, into)


def look_at_attempt(attempt, number, now, answer):
    listing = list_folder(attempt)
    if listing is None:
        return
    changed, files, folders = listing
    answer.append(b"attempt %d %.3f\n" % (number, now - changed))
    # The end is read before the sizes: an attempt that had ended by then has nothing that grows afterwards.
    if b"ended.json" in files:
        answer.append(b"ended " + flat(read_plain(attempt + b"/ended.json")) + b"\n")
    elif b"pids" in files:
        processes = look_at_processes(attempt)
        if processes is not None:
            answer.append(processes[1])
        # Its end may be there already, written in the same instant as what was read.
        if processes is None or not processes[0]:
            listings.pop(attempt, None)
    growing = [b"events.jsonl"] if b"events.jsonl" in files else []
    for name in folders:
        if name not in (b"sampling", b"http"):
            list_growing(attempt, name, 1, growing)
    for name in growing:
        try:
            found = os.lstat(attempt + b"/" + name)
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode):
            answer.append(b"file %d %s\n" % (found.st_size, name))


def look_at_unclaimed(own, answer):
    first = b""
    for line in read_plain(own + b"/job.sh").splitlines():
        if line.startswith(b"SY_FIRST_ATTEMPT="):
            first = line[17:].replace(b"'", b"")
    answer.append(b"first " + first + b"\n")
    complaints = read_plain(own + b"/launch.log").strip().splitlines()
    if complaints:
        answer.append(b"complaint " + flat(complaints[-1]) + b"\n")


def look_at_job(directory, now):
    try:
        try:
            if not stat.S_ISDIR(os.stat(directory).st_mode):
                return [b"unreadable it is not a directory\n"]
        except FileNotFoundError:
            return [b"missing\n" if os.path.isdir(os.path.dirname(directory)) else b"nosite\n"]
        own = directory + b"/.switchyard"
        attempts = own + b"/attempts"
        listing = list_folder(attempts)
        answer = []
        for name in sorted((name for name in (listing[2] if listing else []) if is_number(name)), key=int):
            look_at_attempt(attempts + b"/" + name, int(name), now, answer)
        if not answer:
            look_at_unclaimed(own, answer)
        return answer
    except OSError as error:
        return [b"unreadable " + flat(reason(error)) + b"\n"]


def is_number(name):
    return name.isdigit() and name[:1] != b"0" and len(name) < 10


def look(count):
    now = time.time()
    answer = [b"at %.6f\n" % now]
    for directory in [next_line() for _ in range(count)]:
        answer.append(b"job\n")
        answer.extend(look_at_job(directory, now))
    answer.append(b"end\n")
    out.write(b"".join(answer))


def read_piece(offset, most, path):
    try:
        file = os.open(path, os.O_RDONLY | NO_LINK)
    except OSError:
        return b""
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return b""
        pieces = []
        while most > 0:
            piece = os.pread(file, most, offset)
            if not piece:
                break
            pieces.append(piece)
            offset += len(piece)
            most -= len(piece)
        return b"".join(pieces)
    except OSError:
        return b""
    finally:
        os.close(file)


def find(directory, path):
    above = directory
    parts = path.split(b"/")
    try:
        for part in parts[:-1]:
            above = above + b"/" + part
            if os.path.islink(above):
                return b"behind\n"
        found = os.lstat(directory + b"/" + path)
    except OSError:
        return b"none\n"
    if stat.S_ISLNK(found.st_mode):
        return b"link\n"
    return b"size %d\n" % found.st_size if stat.S_ISREG(found.st_mode) else b"special\n"


def list_outputs(directory, folders):
    if not os.path.isdir(directory):
        out.write(b"gone\n")
        folders = []
    for folder in folders:
        list_below(directory, folder)
    out.write(b"end\n")


def list_below(directory, path):
    try:
        found = os.lstat(directory + b"/" + path)
    except OSError:
        return
    if not stat.S_ISDIR(found.st_mode):
        if path.translate(None, CONTROL) != path:
            out.write(b"odd " + flat(path) + b"\n")
        else:
            out.write(b"entry %x %d %d %s\n" % (found.st_mode, found.st_size, int(found.st_mtime), path))
        return
    try:
        names = sorted(os.listdir(directory + b"/" + path))
    except OSError:
        out.write(b"denied " + flat(path) + b"\n")
        return
    for name in names:
        list_below(directory, path + b"/" + name)


def next_line():
    line = questions.readline()
    if not line:
        sys.exit(0)
    return line[:-1]


def main():
    out.write(b"ready python\n")
    out.flush()
    while True:
        words = next_line().split(b" ")
        if words[0] == b"look":
            look(int(words[1]))
        elif words[0] == b"read":
            for _ in range(int(words[1])):
                offset, most, path = next_line().split(b" ", 2)
                piece = read_piece(int(offset), int(most), path)
                out.write(b"bytes %d\n" % len(piece))
                out.write(piece)
                out.write(b"whole\n")
        elif words[0] == b"find":
            directory = next_line()
            out.write(find(directory, next_line()))
        elif words[0] == b"list":
            directory = next_line()
            list_outputs(directory, [next_line() for _ in range(int(words[1]))])
        out.flush()


main()
