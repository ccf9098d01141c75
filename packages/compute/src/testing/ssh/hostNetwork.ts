import { execFile } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { appendFileSync, existsSync } from "node:fs";
import { promisify } from "node:util";
import { until } from "../follow.ts";

const exec = promisify(execFile);

/** The network namespace of a machine of the lab, and the cable between it and this machine. */
export class HostNetwork {
  readonly #id = randomBytes(3).toString("hex");
  readonly namespace = `switchyard-${this.#id}`;
  readonly #link = `sy${this.#id}`;
  address = "";
  /** this machine, as the host sees it */
  gateway = "";

  /** `list` is the file in which the guard finds what to take away. */
  async make(list: string): Promise<void> {
    appendFileSync(list, `${this.namespace} ${this.#link}\n`);
    await exec("ip", ["netns", "add", this.namespace]);
    // Addresses may be taken by another lab of this machine: then another pair is tried.
    await until(`there is a network for ${this.namespace}`, () => this.#layCable());
  }

  /** Pulls the cable. */
  async unplug(): Promise<void> {
    await exec("ip", ["-n", this.namespace, "link", "set", "eth0", "down"]);
  }

  async plugIn(): Promise<void> {
    await exec("ip", ["-n", this.namespace, "link", "set", "eth0", "up"]);
    await exec("ip", ["-n", this.namespace, "route", "replace", "default", "via", this.gateway]);
  }

  /** How many TCP connections lead to its sshd. */
  async connections(): Promise<number> {
    const { stdout } = await exec("ip", ["netns", "exec", this.namespace, "ss", "-Htn", "state", "established", "sport", "= :22"]);
    return stdout.split("\n").filter((line) => line.trim() !== "").length;
  }

  /** Lays a cable of its own to another machine; they get the first two addresses of the net `a.b.c`. */
  async wireTo(other: HostNetwork, net: string): Promise<void> {
    const [here, there] = [`sy${other.#id}`, `sy${this.#id}`];
    await exec("ip", ["-n", this.namespace, "link", "add", here, "type", "veth", "peer", "name", there, "netns", other.namespace]);
    await exec("ip", ["-n", this.namespace, "addr", "add", `${net}.1/30`, "dev", here]);
    await exec("ip", ["-n", other.namespace, "addr", "add", `${net}.2/30`, "dev", there]);
    await exec("ip", ["-n", this.namespace, "link", "set", here, "up"]);
    await exec("ip", ["-n", other.namespace, "link", "set", there, "up"]);
  }

  /** The processes of the machine. */
  async pids(): Promise<number[]> {
    const { stdout } = await exec("ip", ["netns", "pids", this.namespace]);
    return stdout
      .split("\n")
      .filter((line) => line !== "")
      .map(Number);
  }

  isThere(): boolean {
    return existsSync(`/run/netns/${this.namespace}`);
  }

  async remove(): Promise<void> {
    await exec("ip", ["netns", "del", this.namespace]).catch(() => {});
    await exec("ip", ["link", "del", this.#link]).catch(() => {});
  }

  async #layCable(): Promise<boolean> {
    const net = `10.${randomInt(130, 250)}.${randomInt(0, 256)}.${4 * randomInt(0, 63)}`.split(".").map(Number);
    const at = (offset: number) => [...net.slice(0, 3), (net[3] ?? 0) + offset].join(".");
    const { stdout } = await exec("ip", ["route", "get", at(2)]);
    if (/dev sy/.test(stdout)) return false;
    this.address = at(2);
    await exec("ip", ["link", "add", this.#link, "type", "veth", "peer", "name", "eth0", "netns", this.namespace]);
    await exec("ip", ["addr", "add", `${at(1)}/30`, "dev", this.#link]);
    await exec("ip", ["link", "set", this.#link, "up"]);
    await exec("ip", ["-n", this.namespace, "addr", "add", `${at(2)}/30`, "dev", "eth0"]);
    this.gateway = at(1);
    await this.plugIn();
    return true;
  }
}
