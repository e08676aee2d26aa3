import { readFile } from "node:fs/promises";
import { runCommand } from "../host/run-command.ts";
import { parseSubnet, type Subnet } from "./subnet.ts";

const DEFAULT_MTU = 1500;
const ANYWHERE = "00000000";

interface Route {
  readonly dst: string;
  readonly dev?: string;
  readonly type?: string;
}

/** The host's network as iproute2 shows and changes it. */
export interface HostNetwork {
  /** Runs commands ("link add ...") in order, in a namespace if one is given; stops at the first that fails. */
  run(commands: readonly string[], namespace?: string): Promise<void>;
  /** The same, but goes on after a failure, which is not reported. */
  attempt(commands: readonly string[]): Promise<void>;
  /** IPv4 networks that routes or addresses of the host use, without those of the interface `except`. */
  usedSubnets(except: string): Promise<Subnet[]>;
  /** The largest packet that leaves the host by its default route in one piece. */
  mtu(): Promise<number>;
}

/** The network of the host this process runs on. `ip` is the path of the program. */
export function hostNetwork(ip: string): HostNetwork {
  const batch = (commands: readonly string[]) => `${commands.join("\n")}\n`;
  const json = async <T>(...args: string[]) => JSON.parse((await runCommand(ip, ["-j", ...args])) || "[]") as T;
  return {
    async run(commands, namespace) {
      await runCommand(ip, [...(namespace ? ["-n", namespace] : []), "-batch", "-"], batch(commands));
    },
    async attempt(commands) {
      await runCommand(ip, ["-force", "-batch", "-"], batch(commands)).catch(() => {});
    },
    async usedSubnets(except) {
      const routes = await json<Route[]>("-4", "route", "show", "table", "all");
      return routes
        .filter((route) => route.dst !== "default" && route.dev !== except)
        .map(({ dst }) => parseSubnet(dst));
    },
    async mtu() {
      // From the kernel's own tables (proc_pid_net(5)), because starting a program takes longer than all of this.
      const routes = (await readFile("/proc/net/route", "utf8")).split("\n").map((line) => line.split("\t"));
      const device = routes.find(
        ([, destination, , , , , , mask]) => destination === ANYWHERE && mask === ANYWHERE,
      )?.[0];
      if (device === undefined) return DEFAULT_MTU;
      return Math.min(Number(await readFile(`/sys/class/net/${device}/mtu`, "utf8")), DEFAULT_MTU);
    },
  };
}
