import { closeSync, openSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../platform/clock.ts";
import { runCommand } from "../host/run-command.ts";
import type { NetworkLease, Networks } from "../network/network.ts";
import { type Sandbox, SandboxError, type Sandboxes, type SandboxSpec } from "../sandbox.ts";
import type { CreateServingDeps } from "../serving.ts";
import { abortOf } from "./abort.ts";
import { STEM_FOLDER, SWAP_FOLDER } from "./closure.ts";
import type { Usable } from "./findings.ts";
import { parseReport } from "./report.ts";
import type { RootSwap, RootSwaps } from "./root-swaps.ts";
import { hashOfRest } from "./study.ts";

/** What stems have in common that may take each other's place. */
export interface StemKind {
  readonly key: string;
  readonly findings: Usable;
  /** The run image's layers and the closure's. */
  readonly layers: readonly string[];
  readonly user: SandboxSpec["user"];
  readonly hostname: string;
  readonly memoryBytes: number;
  readonly pids: number;
}

export interface StemDeps {
  readonly sandboxes: Pick<Sandboxes, "start">;
  readonly networks: Pick<Networks, "acquire">;
  readonly surroundings: CreateServingDeps["surroundings"];
  readonly swaps: RootSwaps;
  readonly clock: Clock;
  /** Ends the start of a stem. */
  readonly closing: AbortSignal;
  /** Folder for what stems need on the host while they run. */
  readonly runFolder: string;
}

/** A sandbox that waits to become an instance. Disposing removes it with its network, whatever it has become. */
export interface Stem extends AsyncDisposable {
  readonly network: NetworkLease;
  readonly memoryBytes: number;
  /** Resolves when it has ended. */
  readonly exited: Promise<unknown>;
  /** Makes it the sandbox of a function, once. Rejects when it cannot become that; it is to be abandoned then. */
  become(order: BecomeOrder): Promise<Sandbox>;
  /** Ends the sandbox, but leaves its network. */
  abandon(): Promise<void>;
}

export interface BecomeOrder {
  /** What a cold start would start. */
  readonly spec: SandboxSpec;
  readonly findings: Usable;
  /** Holds layers/0 and so on as links to the image's layers, and the empty folders writable/ and rootfs/. */
  readonly imageFolder: string;
}

const PATIENCE_MS = 60_000;
/** It has time to come up: it must not be in the way of anything else. */
const WAITING_CPUS = 0.5;
/** Where files of the system's own file systems lie; the order in which they are mounted. */
const SYSTEM_FOLDERS = ["/proc", "/dev", "/sys"];

/** Starts a sandbox with the runtime and the framework loaded; resolves when it waits. Leaves nothing when it rejects. */
export async function startStem(deps: StemDeps, id: string, kind: StemKind): Promise<Stem> {
  await using undo = new AsyncDisposableStack();
  const folder = undo.use(await controlFolder(deps.runFolder, id));
  const network = undo.use(await deps.networks.acquire());
  const output = switchableOutput();
  const sandbox = undo.use(await deps.sandboxes.start(waitingSpec(deps, id, kind, network, folder.control(), output)));
  const namespaces = undo.use(await whenReady(deps, kind, sandbox, output));
  const memoryBytes = await sandbox.memoryUsedBytes();
  await folder.isReady();
  const owned = undo.move();
  return {
    network,
    memoryBytes,
    exited: sandbox.exited,
    async become(order) {
      const { spec, findings } = order;
      const { limits } = spec;
      const fits = limits.memoryBytes === kind.memoryBytes && limits.pids === kind.pids;
      if (!fits || hashOfRest(spec) !== findings.rest) throw new SandboxError("the stem was made for something else");
      output.deliver(spec.onOutput);
      const swap = { ...swapOf(order), ...namespaces, control: folder.control() };
      await Promise.all([sandbox.setCpus(limits.cpus), deps.swaps.swap(swap)]);
      void folder.remove();
      return withOwnCpuTime(sandbox);
    },
    async abandon() {
      await sandbox[Symbol.asyncDispose]();
    },
    async [Symbol.asyncDispose]() {
      await owned.disposeAsync();
    },
  };
}

/** What is on the host for a stem that waits: a folder named as it, with the pipe that it waits for. */
interface ControlFolder extends AsyncDisposable {
  control(): string;
  /** Gives the folder its name. */
  isReady(): Promise<void>;
  remove(): Promise<void>;
}

async function controlFolder(runFolder: string, id: string): Promise<ControlFolder> {
  let folder = join(runFolder, `starting-${id}`);
  const remove = () => rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await runCommand("mkfifo", ["-m", "644", join(folder, "control")]);
  return {
    control: () => join(folder, "control"),
    async isReady() {
      await rename(folder, join(runFolder, id));
      folder = join(runFolder, id);
    },
    remove,
    [Symbol.asyncDispose]: remove,
  };
}

function swapOf({ spec, findings, imageFolder }: BecomeOrder): Omit<RootSwap, keyof Namespaces | "control"> {
  return {
    folder: imageFolder,
    layerCount: spec.layers.length,
    memoryBytes: spec.limits.memoryBytes,
    mountPoint: SWAP_FOLDER,
    keep: [...filesOf(spec), ...SYSTEM_FOLDERS.map((path) => ({ kind: "folder", path }) as const)],
    ownTmp: true,
    message: JSON.stringify({ env: envOf(spec, findings), cwd: findings.cwd }),
  };
}

/** What it used while it waited is nobody's. */
function withOwnCpuTime(sandbox: Sandbox): Sandbox {
  const before = sandbox.cpuUsedSeconds();
  return {
    ...sandbox,
    cpuUsedSeconds: async () => Math.max(0, (await sandbox.cpuUsedSeconds()) - (await before)),
  };
}

function waitingSpec(
  { surroundings }: StemDeps,
  id: string,
  kind: StemKind,
  network: NetworkLease,
  control: string,
  output: SwitchableOutput,
): SandboxSpec {
  const { mounts, resolver } = surroundings(network);
  const { findings, layers, user, hostname, memoryBytes, pids } = kind;
  return {
    id,
    layers,
    args: findings.args,
    env: findings.bootEnv,
    cwd: findings.cwd,
    user,
    hostname,
    mounts: [...mounts, { source: control, destination: `${STEM_FOLDER}/control`, readOnly: true }],
    limits: { memoryBytes, cpus: WAITING_CPUS, pids },
    network: { namespacePath: network.namespacePath },
    resolver,
    writableRoot: "memory",
    onOutput: output.push,
  };
}

type Namespaces = { readonly outerNamespace: string; readonly innerNamespace: string };

/** Resolves when it has loaded just what was found out. Holds the namespaces, so that they are those of no other process. */
async function whenReady(
  { clock, closing }: StemDeps,
  { findings }: StemKind,
  sandbox: Sandbox,
  output: SwitchableOutput,
): Promise<Namespaces & Disposable> {
  using _patience = clock.after(PATIENCE_MS, () => void sandbox.kill("SIGKILL"));
  await Promise.race([output.line, sandbox.exited, abortOf(closing)]);
  const report = parseReport(output.text());
  const asFound = report && whatIsLoaded(report) === whatIsLoaded(findings);
  if (!asFound) throw new SandboxError(`the stem is not as it should be: ${output.text().slice(0, 2000)}`);
  const processes = await sandbox.processes();
  if (processes === undefined) throw new SandboxError("the stem is no process of this host");
  const { launcher, init } = processes;
  const files = [launcher, init].map((pid) => openSync(`/proc/${pid}/ns/mnt`, "r"));
  const [outerNamespace, innerNamespace] = files.map((file) => `/proc/${process.pid}/fd/${file}`);
  return {
    outerNamespace: outerNamespace!,
    innerNamespace: innerNamespace!,
    [Symbol.dispose]: () => files.forEach((file) => closeSync(file)),
  };
}

function whatIsLoaded({ main, loaded, state }: Pick<Usable, "main" | "loaded" | "state">): string {
  return JSON.stringify([main, loaded, state]);
}

interface SwitchableOutput {
  readonly push: SandboxSpec["onOutput"];
  /** Resolves with the first whole line on stdout. */
  readonly line: Promise<void>;
  /** What was written before `deliver`. */
  text(): string;
  /** From here on everything goes there. */
  deliver(to: SandboxSpec["onOutput"]): void;
}

function switchableOutput(): SwitchableOutput {
  let before = "";
  let target: SandboxSpec["onOutput"] | undefined;
  const line = Promise.withResolvers<void>();
  return {
    line: line.promise,
    text: () => before,
    push(stream, chunk) {
      if (target !== undefined) return target(stream, chunk);
      before += chunk.toString();
      if (stream === "stdout" && before.includes("\n")) line.resolve();
    },
    deliver: (to) => void (target = to),
  };
}

/** Files that are mounted over those of the image: the same ones in every sandbox with these surroundings. */
function filesOf(spec: SandboxSpec) {
  const own = ["/etc/hosts", ...(spec.resolver ? ["/etc/resolv.conf"] : [])];
  return [...own, ...spec.mounts.map(({ destination }) => destination)].map(
    (path) => ({ kind: "file", path }) as const,
  );
}

/** What the launcher would make of the variables. */
function envOf({ env }: SandboxSpec, { set, unset }: Usable): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) => !unset.includes(name));
  return { ...Object.fromEntries(kept), ...set };
}
