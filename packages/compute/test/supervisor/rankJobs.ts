import type { JobOptions, TestJob } from "./harness.ts";

export const CONTROL_LOG = "azureml-logs/60_control_log.txt";
export const MPI_LOG = "azureml-logs/70_mpi_log.txt";
export const rankLog = (rank: number): string => `azureml-logs/70_driver_log_${rank}.txt`;

/** A shell script as the job's command. */
export const sh = (text: string, ...words: string[]) => ({ kind: "command" as const, argv: ["sh", "-c", text, "script", ...words] });
/** A Python script as the job's command. */
export const python = (text: string, ...words: string[]) => ({
  command: { kind: "python" as const, script: "a.py", arguments: words },
  code: { "a.py": text },
});

/** A distributed job as the engine describes it. */
export const ranks = (job: JobOptions): JobOptions => ({
  communicator: "gloo",
  logs: { build: "azureml-logs/20_image_build_log.txt", control: CONTROL_LOG, driver: rankLog(0) },
  limits: { graceSeconds: 60 },
  ...job,
});

/** Prints every variable that a process of a distributed run may be told, as JSON. */
export const SHOW = `import json, os
names = ("SWITCHYARD_", "AZ_BATCH", "MASTER_", "RANK", "WORLD_SIZE", "LOCAL_", "NODE_RANK", "TF_CONFIG", "OMPI_COMM_WORLD_", "PMI_RANK")
print(json.dumps({k: v for k, v in os.environ.items() if k.startswith(names)}), flush=True)
`;
export const seenBy = (job: TestJob, rank: number): Record<string, string> => JSON.parse(job.read(rankLog(rank)));

/** Ranks meet at the rendezvous of rank 0 and go on when all are there: what a framework's process group does. */
export const BARRIER = `import os, socket, sys, time
rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
place = (os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
if rank == 0:
    server = socket.create_server(place)
    others = [server.accept()[0] for _ in range(size - 1)]
    total = sum(other.recv(1)[0] for other in others)
    for other in others: other.sendall(bytes([total]))
else:
    for _ in range(600):
        try: other = socket.create_connection(place, 5); break
        except OSError: time.sleep(0.05)
    other.sendall(bytes([rank])); total = other.recv(1)[0]
print("sum", total)
`;

/** Says that it is ready and waits for ever; leaves in peace on TERM. */
export const POLITE = `import signal, sys, time
def leave(*_): print("leaving", flush=True); sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("ready", flush=True)
while True: time.sleep(60)
`;
/** Ignores TERM, and has a child in a process group of its own that does so too. */
export const STUBBORN = `import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0: os.setpgid(0, 0)
else: print("ready", os.getpid(), flush=True)
while True: time.sleep(60)
`;
/** Rank $FAILING does what $HOW says once a file `go` lies in the job directory; the others do as the text says. */
export const exceptRank = (failing: number, how: string, others: string): string => `import os, sys, time
rank = int(os.environ.get("SWITCHYARD_RANK"))
if rank == ${failing}:
    while not os.path.exists("../go"): time.sleep(0.02)
    ${how}
${others}`;
