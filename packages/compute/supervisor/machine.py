"""What the machine says of its processes and GPUs, for sampler.py."""
import os
import subprocess

PAGE = os.sysconf("SC_PAGE_SIZE")


def most_memory_of(pid):
    """The most bytes that a process ever held; 0 when it is gone."""
    try:
        with open("/proc/%d/status" % pid, "rb") as file:
            for line in file:
                if line.startswith(b"VmHWM:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0


def look_at_processes(sessions, belonging):
    """All living pids, and by session of interest: clock ticks used, bytes held, its pids. `belonging` to one of them are others."""
    alive = set()
    used = {session: [0, 0, []] for session in sessions}
    used.update({other: used[session] for other, session in belonging.items()})
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            descriptor = os.open("/proc/" + name + "/stat", os.O_RDONLY)
        except OSError:
            continue
        try:
            data = os.read(descriptor, 1024)
        except OSError:
            continue
        finally:
            os.close(descriptor)
        # the name in parentheses may hold anything: count fields after it
        fields = data[data.rfind(b")") + 2 :].split(b" ", 22)
        if len(fields) < 22 or fields[0] in b"ZX":
            continue
        pid = int(name)
        alive.add(pid)
        session = used.get(int(fields[3]))
        if session is not None:
            # with the children that were waited for, so that the sum never shrinks when one ends
            session[0] += int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])
            session[1] += int(fields[21]) * PAGE
            session[2].append(pid)
    return alive, used


def ask_nvidia(query):
    command = ["nvidia-smi", "--query-" + query, "--format=csv,noheader,nounits"]
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20, check=True).stdout
    return [[word.strip() for word in line.split(",")] for line in output.decode(errors="replace").splitlines() if line.strip()]


def number_or_zero(word):
    try:
        return float(word)
    except ValueError:
        return 0.0


def look_at_gpus():
    """By pid: the GPUs it uses as (share of one, bytes). A GPU that several processes use is shared out evenly."""
    try:
        busy = {uuid: number_or_zero(percent) / 100 for uuid, percent in ask_nvidia("gpu=uuid,utilization.gpu")}
        apps = ask_nvidia("compute-apps=gpu_uuid,pid,used_gpu_memory")
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    users = {}
    for uuid, _, _ in apps:
        users[uuid] = users.get(uuid, 0) + 1
    by_pid = {}
    for uuid, pid, megabytes in apps:
        share, held = by_pid.get(int(pid), (0.0, 0))
        by_pid[int(pid)] = (share + busy.get(uuid, 0.0) / users[uuid], held + int(number_or_zero(megabytes) * 1048576))
    return by_pid
