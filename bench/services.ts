import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LOCATION } from "../tests/support/real-functions.ts";
import { type RealServer, startRealServer } from "../tests/support/real-server.ts";
import { until } from "../tests/support/until.ts";
import { type Figure, percentile, report, sample, timed } from "./support/figures.ts";
import { functionContainer, type Json } from "./support/services.ts";

/** What services cost that nobody calls: memory of the server, its start, and the list of them. */
const CODE = 'exports.hello = (req, res) => res.send("hello");\n';
const SERVICES = 500;
const AT_ONCE = 10;
const STARTS = 5;
const LISTS = 20;
/** The heap has settled by then. */
const SETTLE_MS = 5000;
const PATH = `/run/v2/${LOCATION}/services`;

const given = process.env["BENCH_DATA_DIR"];
const dataDir = given ?? (await mkdtemp(join(tmpdir(), "homerun-bench-")));
try {
  const container = await deployOne();
  const none = await measureIdle();
  const made = await makeServices(container);
  report([...made, ...compare(none, await measureIdle()), ...(await measureCalls())]);
} finally {
  if (given === undefined) await rm(dataDir, { recursive: true, force: true });
}

async function deployOne(): Promise<Json> {
  await using server = await startRealServer({ dataDir });
  const container = await functionContainer(server, "first", CODE);
  const many = (await listAll(server)).length;
  if (many > 1) throw new Error(`${dataDir} has ${many} services already: there is nothing to compare with`);
  return container;
}

interface Idle {
  readonly startMs: readonly number[];
  readonly mebibytes: readonly number[];
}

/** Servers that are started on the data folder and left alone. */
async function measureIdle(): Promise<Idle> {
  const mebibytes: number[] = [];
  const startMs = await sample(STARTS, async () => {
    const start = performance.now();
    await using server = await startRealServer({ dataDir });
    const ms = performance.now() - start;
    await delay(SETTLE_MS);
    mebibytes.push(memoryOf(server));
    return ms;
  });
  return { startMs, mebibytes };
}

function memoryOf({ pid }: RealServer): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
}

/** Makes the services that are not there, which all run the same image; none of them starts an instance. */
async function makeServices(container: Json): Promise<Figure[]> {
  await using server = await startRealServer({ dataDir });
  const start = performance.now();
  const missing = SERVICES - 1;
  const ids = Array.from({ length: missing }, (_, index) => `idle-${String(index).padStart(3, "0")}`);
  const template = { containers: [container], healthCheckDisabled: true };
  const makeSome = async () => {
    for (let id = ids.shift(); id !== undefined; id = ids.shift()) {
      const body = { template, invokerIamDisabled: true };
      const answer = await server.json("POST", `${PATH}?serviceId=${id}`, body);
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, makeSome));
  await until(async () => {
    await delay(200);
    return (await listAll(server)).every(({ reconciling }) => reconciling !== true);
  });
  return [
    {
      what: "deploying one service of many without an instance",
      unit: "ms",
      value: (performance.now() - start) / missing,
    },
  ];
}

async function listAll(server: RealServer): Promise<Json[]> {
  const { body } = await server.json("GET", `${PATH}?pageSize=${SERVICES}`);
  return (body["services"] ?? []) as Json[];
}

function compare(none: Idle, all: Idle): Figure[] {
  const peer = { what: "with one service" };
  const more = percentile(all.mebibytes) - percentile(none.mebibytes);
  return [
    { what: `memory that ${SERVICES} services take`, unit: "MiB", value: more, bar: 20, samples: all.mebibytes },
    {
      what: `homerun up to ready with ${SERVICES} services`,
      unit: "ms",
      value: percentile(all.startMs),
      bar: 1000,
      peer: { ...peer, value: percentile(none.startMs) },
      samples: all.startMs,
    },
  ];
}

/** Lists right after a start, and when it has been done before; and a request to a service that nobody has called. */
async function measureCalls(): Promise<Figure[]> {
  await using server = await startRealServer({ dataDir });
  const first = await timed(() => listAll(server));
  const all = await sample(LISTS, () => timed(() => listAll(server)));
  const page = await sample(LISTS, () => timed(() => server.json("GET", PATH)));
  const v1 = "/run/apis/serving.knative.dev/v1/namespaces/homerun-local/services";
  const knative = await sample(LISTS, () => timed(() => server.json("GET", v1)));
  const service = (await listAll(server)).find(({ name }) => String(name).endsWith("/idle-250"))!;
  const called = await server.call(String(service["uri"]));
  if (called.status !== 200) throw new Error(`${called.status} ${called.body}`);
  return [
    {
      what: `list of ${SERVICES} services in one page, p50`,
      unit: "ms",
      value: percentile(all),
      bar: 50,
      samples: all,
    },
    { what: "the first one after a start", unit: "ms", value: first },
    { what: "list of a page of the default size, p50", unit: "ms", value: percentile(page), samples: page },
    { what: "list of all services by v1, p50", unit: "ms", value: percentile(knative), samples: knative },
  ];
}
