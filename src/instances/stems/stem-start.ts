import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Log } from "../../platform/log.ts";
import { coldStart, type ColdStartDeps } from "../containers/cold-start.ts";
import type { StartInstance, StartRequest } from "../containers/start-instance.ts";
import type { Evictable } from "../pool/host-capacity.ts";
import type { Sandboxes, SandboxSpec } from "../sandbox.ts";
import type { StemSettings } from "../serving.ts";
import { type Knowledge, type Known, stemKnowledge } from "./knowledge.ts";
import { createRootSwaps } from "./root-swaps.ts";
import type { Stem } from "./stem.ts";
import { StemPool } from "./stem-pool.ts";
import { students } from "./students.ts";

export interface StemStartDeps extends ColdStartDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Absent: no stems. */
  readonly stems?: StemSettings;
  /** Available memory of the host below which there are no stems. */
  readonly reserveBytes: number;
}

/** A way to start instances that needs closing. */
export interface StemStart extends AsyncDisposable {
  readonly start: StartInstance;
  /** Stems that wait, which the host may take away. */
  readonly evictable: () => readonly Evictable[];
}

/** The server starts first. */
const FIRST_STEMS_AFTER_MS = 3_000;
/** Kinds that get a stem then. */
const MOST_FIRST_KINDS = 16;
/** A function whose stems do not become instances gets no more of them. */
const MOST_FAILURES = 2;

/**
 * Starts instances from stems where one fits, and cold otherwise (docs/cold-starts.md). What was started cold is studied
 * afterwards, so that its next instance finds a stem.
 */
export function stemStart(deps: StemStartDeps): StemStart {
  const { clock, log, stems: settings, reserveBytes } = deps;
  const swaps = settings !== undefined && settings.memoryBytes > 0 ? createRootSwaps() : undefined;
  if (settings === undefined || swaps === undefined) return onlyCold(deps);
  const hasRoom = () => process.availableMemory() > reserveBytes;
  const runFolder = join(settings.folder, "run");
  rmSync(runFolder, { recursive: true, force: true });
  const closing = new AbortController();
  const common = { ...deps, closing: closing.signal, runFolder, workFolder: runFolder, hasRoom };
  const knowledge = stemKnowledge(settings.folder);
  const pool = new StemPool({ ...common, swaps, budgetBytes: settings.memoryBytes });
  const studies = students({ ...common, knowledge, onFound: ({ kind }) => pool.want(kind) });
  const first = clock.after(FIRST_STEMS_AFTER_MS, () => {
    wantRecent(knowledge, pool).catch((error: unknown) => log.warning("stems of earlier are lost", { error }));
  });
  const cold = coldStart(deps);

  return {
    async start(request) {
      const known = isSimple(request) ? await findKnown(knowledge, request) : "NO_STEM";
      if (known === "NO_STEM") return cold(request);
      const stem = known && pool.take(known.kind);
      log.debug(stem ? "an instance is made of a stem" : "an instance is started cold", { instance: request.id });
      if (known && stem) return becoming(deps, pool, known, stem)(request);
      const studied = known === undefined ? studies.afterStart(request) : undefined;
      return coldStart({ ...deps, sandboxes: whileBusy(deps.sandboxes, pool, studied) })(request);
    },
    evictable: () => pool.evictable(),
    async [Symbol.asyncDispose]() {
      first[Symbol.dispose]();
      closing.abort(new Error("the server is stopping"));
      await Promise.all([studies.ended(), pool[Symbol.asyncDispose]()]);
      swaps[Symbol.dispose]();
      log.debug("stems are closed");
    },
  };
}

function onlyCold(deps: ColdStartDeps): StemStart {
  return { start: coldStart(deps), evictable: () => [], async [Symbol.asyncDispose]() {} };
}

/** One container that serves requests and is started as its image says. */
function isSimple({ spec, port }: StartRequest): boolean {
  const [{ command, args, workingDir, mounts }, ...sidecars] = spec.containers;
  const asImage = command.length === 0 && args.length === 0 && !workingDir;
  return port !== undefined && sidecars.length === 0 && asImage && mounts.length === 0;
}

async function findKnown(knowledge: Knowledge, request: StartRequest): Promise<Known | "NO_STEM" | undefined> {
  const known = await knowledge.find(knowledge.keyOf(request));
  return known === undefined || known === "NO_STEM" || known.failures < MOST_FAILURES ? known : "NO_STEM";
}

async function wantRecent(knowledge: Knowledge, pool: StemPool): Promise<void> {
  for (const { kind } of await knowledge.recent(MOST_FIRST_KINDS)) pool.want(kind);
}

function whileBusy(
  sandboxes: Pick<Sandboxes, "start">,
  pool: StemPool,
  started: ((spec: SandboxSpec) => void) | undefined,
): Pick<Sandboxes, "start"> {
  return {
    async start(spec) {
      using _busy = pool.busy();
      const sandbox = await sandboxes.start(spec);
      started?.(spec);
      return sandbox;
    },
  };
}

/** A cold start in which the stem brings the network, and takes the place of the sandbox if it can. */
function becoming(deps: StemStartDeps, pool: StemPool, known: Known, stem: Stem): StartInstance {
  const start: Sandboxes["start"] = async (spec) => {
    try {
      const sandbox = await stem.become({ spec, findings: known.findings, imageFolder: known.imageFolder });
      known.failures = 0;
      return sandbox;
    } catch (error) {
      known.failures++;
      deps.log.warning("a stem did not become an instance, which is started cold", { sandbox: spec.id, error });
      await stem.abandon();
      return deps.sandboxes.start(spec);
    }
  };
  const network = { ...stem.network, [Symbol.asyncDispose]: () => stem[Symbol.asyncDispose]() };
  return coldStart({
    ...deps,
    networks: { acquire: async () => network },
    sandboxes: whileBusy({ start }, pool, undefined),
  });
}
