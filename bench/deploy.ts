import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipOf } from "../tests/support/archives.ts";
import { deploy, operationOf, uploadDeployment } from "../tests/support/real-functions.ts";
import { type RealServer, startRealServer } from "../tests/support/real-server.ts";
import { type Figure, percentile, report, sample, timed } from "./support/figures.ts";
import { openPlainNode } from "./support/plain-node.ts";

/** How long deployments take: the first one on an empty data folder, then changed and unchanged code. */
const EXAMPLE = join(import.meta.dirname, "..", "examples", "hello-http");
const FILES = ["package.json", "package-lock.json"];
const ROUNDS = 5;

const dataDir = await mkdtemp(join(tmpdir(), "homerun-bench-"));
try {
  report(await measure());
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

async function measure(): Promise<Figure[]> {
  await using plain = await openPlainNode();
  const plainChanges = await sample(ROUNDS, async (round) => {
    await plain.greet(`Plain${round}`);
    return plain.startAndAsk(`Plain${round}`);
  });
  const firstStartMs = performance.now();
  await using server = await startRealServer({ dataDir });
  const startMs = performance.now() - firstStartMs;
  let url = "";
  const first = await timed(async () => {
    url = await deploy(server, "hello", { archive: await sourceSaying("First") });
    await untilSays(server, url, "First");
  });
  await untilSays(server, url, "First");
  const changed = await sample(ROUNDS, (round) => redeploy(server, url, `Round${round}`));
  const same = await sample(ROUNDS, () => redeploy(server, url, `Round${ROUNDS - 1}`));
  const install = plain.installMs + percentile(plainChanges);
  const restart = { what: "restart of plain node", value: percentile(plainChanges) };
  return [
    { what: "start on an empty data folder", unit: "ms", value: startMs },
    {
      what: "first deployment ever, empty data folder",
      unit: "s",
      value: first / 1000,
      bar: 60,
      peer: { what: "npm ci and plain node", value: install / 1000 },
    },
    {
      what: "redeploy after a code change",
      unit: "ms",
      value: percentile(changed),
      bar: 2000,
      peer: restart,
      samples: changed,
    },
    { what: "redeploy with nothing changed", unit: "ms", value: percentile(same), bar: 1000, samples: same },
  ];
}

/** From UpdateFunction to the operation done and the code answering; the upload before it is not counted. */
async function redeploy(server: RealServer, url: string, word: string): Promise<number> {
  const request = await uploadDeployment(server, { archive: await sourceSaying(word) });
  const start = performance.now();
  const operation = await operationOf(server, await request("PATCH", "hello"));
  if (operation.error) throw new Error(operation.error.message);
  await untilSays(server, url, word);
  return performance.now() - start;
}

async function untilSays(server: RealServer, url: string, word: string): Promise<void> {
  for (;;) {
    const { status, body } = await server.call(url);
    if (status !== 200) throw new Error(`the function answered ${status}: ${body}`);
    if (body.includes(word)) return;
  }
}

async function sourceSaying(word: string): Promise<Buffer> {
  const contents = await Promise.all(FILES.map((name) => readFile(join(EXAMPLE, name))));
  const code = (await readFile(join(EXAMPLE, "index.js"), "utf8")).replace("Hello", word);
  const files = FILES.map((name, index) => [name, contents[index]!] as const);
  return zipOf({ ...Object.fromEntries(files), "index.js": code });
}
