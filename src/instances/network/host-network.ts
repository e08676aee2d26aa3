import { runCommand } from "../host/run-command.ts";
import { parseSubnet, type Subnet } from "./subnet.ts";

const DEFAULT_MTU = 1500;

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
      const [route] = await json<Route[]>("-4", "route", "show", "default");
      if (route?.dev === undefined) return DEFAULT_MTU;
      const [link] = await json<{ mtu: number }[]>("link", "show", "dev", route.dev);
      return Math.min(link?.mtu ?? DEFAULT_MTU, DEFAULT_MTU);
    },
  };
}
