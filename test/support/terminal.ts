// The command line at a real terminal: Python's pty module gives it one, and types the answers.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Desk, PROGRAM } from "./desk.ts";
import { within } from "./wait.ts";

/** What of a desk a command needs. */
type Seat = Pick<Desk, "project" | "home">;

/**
 * Runs its arguments on a new terminal. Lines of standard input are JSON: [what to wait for, what to type]; what the
 * terminal shows is copied to standard output.
 */
const TYPIST = `
import json, os, pty, select, signal, sys
steps = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
signal.alarm(220)
shown = ""
while True:
    if steps and steps[0][0] in shown:
        os.write(terminal, (steps.pop(0)[1]).encode())
        shown = ""
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        piece = b""
    if not piece:
        break
    os.write(1, piece)
    shown += piece.decode(errors="replace")
status = os.waitpid(pid, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status) if hasattr(os, "waitstatus_to_exitcode") else os.WEXITSTATUS(status))
`;

/** Runs one command at a terminal, answering what it asks: each step waits for a text and types an answer with Enter (or a control character alone). */
export async function atTerminal(
  { project, home }: Seat,
  argv: readonly string[],
  steps: readonly (readonly [question: string, answer: string])[],
): Promise<{ readonly code: number | null; readonly text: string }> {
  const typed = steps.map(([question, answer]) => [question, answer < " " ? answer : `${answer}\r`] as const);
  return typeInto([process.execPath, PROGRAM, ...argv], { cwd: project, variables: { SWITCHYARD_HOME: home, NO_COLOR: "1" } }, typed);
}

/** Runs any program at a terminal: each step waits for a text and types another one as it is. */
export async function typeInto(
  program: readonly string[],
  { cwd, variables }: { readonly cwd: string; readonly variables: Readonly<Record<string, string>> },
  steps: readonly (readonly [seen: string, typed: string])[],
): Promise<{ readonly code: number | null; readonly text: string }> {
  const { SWITCHYARD_URL: _, SWITCHYARD_PASSWORD: __, ...env } = process.env;
  const child = spawn("python3", ["-c", TYPIST, JSON.stringify(steps), ...program], {
    cwd,
    env: { ...env, TERM: "xterm", ...variables },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  const [code] = await within(240, `${program.join(" ")} ends at its terminal`, once(child, "close"));
  return { code, text };
}
