// Notebooks: files, their execution by nbconvert, and a Jupyter server for a browser. All that Jupyter keeps is in a folder of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { freePort } from "./ports.ts";
import { testPython } from "./testPython.ts";
import { until, within } from "./wait.ts";

const CLIENT = resolve(import.meta.dirname, "../../python");

export interface CellOutput {
  readonly output_type: string;
  readonly text?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly ename?: string;
}

/** A folder with notebooks, and the environment that Jupyter and its kernels run in. */
export class Jupyter {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  #server: ChildProcess | undefined;

  constructor(folder: string, switchyardHome: string) {
    this.#folder = folder;
    const kept = Object.entries(process.env).filter(([name]) => !/^(SWITCHYARD_|AZUREML_|JUPYTER_)/.test(name));
    const own = (name: string) => join(folder, ".jupyter", name);
    this.#environment = {
      ...Object.fromEntries(kept),
      PATH: `${dirname(testPython())}:${process.env.PATH}`,
      PYTHONPATH: CLIENT,
      PYTHONDONTWRITEBYTECODE: "1",
      SWITCHYARD_HOME: switchyardHome,
      JUPYTER_CONFIG_DIR: own("config"),
      JUPYTER_DATA_DIR: own("data"),
      JUPYTER_RUNTIME_DIR: own("runtime"),
      JUPYTERLAB_SETTINGS_DIR: own("settings"),
      JUPYTERLAB_WORKSPACES_DIR: own("workspaces"),
      IPYTHONDIR: own("ipython"),
    };
  }

  /** Writes a notebook with these code cells. */
  write(name: string, cells: readonly string[]): void {
    const code = cells.map((source, index) => ({
      cell_type: "code",
      id: `cell-${index}`,
      execution_count: null,
      metadata: {},
      outputs: [],
      source,
    }));
    const kernelspec = { display_name: "Python 3 (ipykernel)", language: "python", name: "python3" };
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(
      join(this.#folder, name),
      JSON.stringify({ cells: code, metadata: { kernelspec, language_info: { name: "python" } }, nbformat: 4, nbformat_minor: 5 }),
    );
  }

  /** Executes a notebook as `jupyter nbconvert --execute` does; gives the outputs of each cell. */
  async execute(name: string): Promise<readonly (readonly CellOutput[])[]> {
    const args = [
      "-m",
      "nbconvert",
      "--to",
      "notebook",
      "--execute",
      "--output",
      `executed-${name}`,
      "--ExecutePreprocessor.timeout=240",
      "--ExecutePreprocessor.startup_timeout=240",
      name,
    ];
    const child = spawn(testPython(), args, { cwd: this.#folder, env: this.#environment, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    const [code] = await within(400, "nbconvert ends", once(child, "close"));
    if (code !== 0) throw new Error(`nbconvert ended with ${code}:\n${said}`);
    const executed = JSON.parse(readFileSync(join(this.#folder, `executed-${name}`), "utf8")) as { cells: { outputs: CellOutput[] }[] };
    return executed.cells.map((cell) => cell.outputs.map((output) => joined(output)));
  }

  /** Starts JupyterLab, anew when it runs; gives the address that opens a notebook in it. */
  async serve(name: string): Promise<string> {
    await this.close();
    const port = await freePort();
    const options = [
      "--no-browser",
      "--allow-root",
      "--ip=127.0.0.1",
      `--port=${port}`,
      "--ServerApp.port_retries=0",
      "--IdentityProvider.token=t",
    ];
    const quiet = ["--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"];
    const args = ["-m", "jupyterlab", ...options, ...quiet, `--ServerApp.root_dir=${this.#folder}`];
    const child = spawn(testPython(), args, { cwd: this.#folder, env: this.#environment, stdio: ["ignore", "ignore", "pipe"] });
    this.#server = child;
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-10_000)));
    await until(200, "JupyterLab answers", async () => {
      if (child.exitCode !== null) throw new Error(`JupyterLab ended with ${child.exitCode}:\n${said}`);
      return await fetch(`http://127.0.0.1:${port}/api/status?token=t`).then(
        (answer) => answer.ok,
        () => false,
      );
    });
    return `http://127.0.0.1:${port}/lab/tree/${name}?token=t&reset`;
  }

  /** Ends the server and with it its kernels. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined || server.exitCode !== null) return;
    const gone = once(server, "close");
    server.kill("SIGTERM");
    await within(60, "JupyterLab ends", gone).catch(() => server.kill("SIGKILL"));
  }
}

function joined(output: CellOutput): CellOutput {
  const whole = (text: unknown) => (Array.isArray(text) ? text.join("") : (text as string));
  const data = output.data && Object.fromEntries(Object.entries(output.data).map(([type, content]) => [type, whole(content)]));
  return { ...output, ...(output.text && { text: whole(output.text) }), ...(data && { data }) };
}
