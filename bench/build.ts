import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipOf } from "../tests/support/archives.ts";
import { type RealServer, startRealServer } from "../tests/support/real-server.ts";
import { buildMs, prepareBuilds, residentMib, type Runtime } from "./support/builds.ts";
import { type Figure, percentile, report, sample } from "./support/figures.ts";

/** How long builds take, from created to SUCCESS: the first of a language, then changed and unchanged sources. */
const EXAMPLES = join(import.meta.dirname, "..", "examples");
const ROUNDS = 5;

interface Language {
  readonly name: string;
  readonly runtime: Runtime;
  readonly example: string;
  /** The file of the code, and a text in it that a change replaces. */
  readonly code: readonly [file: string, text: string];
  /** The file that names dependencies, and how to change it so that they are installed anew. */
  readonly lockfile?: readonly [file: string, change: (content: string) => string];
  readonly bars: { readonly code?: number; readonly lockfile?: number };
}

const LANGUAGES: readonly Language[] = [
  {
    name: "Node.js",
    runtime: { id: "nodejs22", stack: "google-22-full", target: "hello" },
    example: "hello-http",
    code: ["index.js", "Hello"],
    lockfile: ["package-lock.json", (content) => content.replace('"lockfileVersion": 3,', '"lockfileVersion": 3, ')],
    bars: { code: 1000, lockfile: 5000 },
  },
  {
    name: "Python",
    runtime: { id: "python313", stack: "google-22-full", target: "hello" },
    example: "hello-python",
    code: ["main.py", "Hello"],
    lockfile: ["requirements.txt", (content) => `${content}# changed\n`],
    bars: { code: 1500, lockfile: 6000 },
  },
  {
    name: "Go",
    runtime: { id: "go126", stack: "google-24-full", target: "hello" },
    example: "hello-go",
    code: ["hello.go", "Hello"],
    bars: { code: 4000 },
  },
  {
    name: "Java",
    runtime: { id: "java21", stack: "google-22-full", target: "functions.Hello" },
    example: "hello-java",
    code: ["src/main/java/functions/Hello.java", '"Hello '],
    bars: {},
  },
];

const asked = process.argv.slice(2);
const languages = LANGUAGES.filter(({ name }) => asked.length === 0 || asked.includes(name));
const dataDir = await mkdtemp(join(tmpdir(), "homerun-bench-"));
try {
  await using server = await startRealServer({ dataDir });
  await prepareBuilds(server);
  const figures: Figure[] = [];
  for (const language of languages) figures.push(...(await measure(server, language)));
  report(figures);
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

async function measure(server: RealServer, language: Language): Promise<Figure[]> {
  const { name, runtime, example, code, lockfile, bars } = language;
  const files = await filesOf(join(EXAMPLES, example));
  const build = async (changed: Readonly<Record<string, string>>): Promise<number> =>
    buildMs(server, example, runtime, await zipOf({ ...files, ...changed }));
  const idleMib = residentMib(server.pid);
  using memory = watchMemory(server.pid);
  const first = await build({});
  const same = await sample(ROUNDS, () => build({}));
  const changes = await sample(ROUNDS, (round) => {
    const [file, text] = code;
    return build({ [file]: files[file]!.replaceAll(text, `${text}${round}`) });
  });
  const installs = lockfile ? await sample(1, () => build({ [lockfile[0]]: lockfile[1](files[lockfile[0]]!) })) : [];
  const peakMib = memory.peakMib();
  return [
    { what: `${name}: first build, base image not there`, unit: "s", value: first / 1000, bar: 45 },
    { what: `${name}: no change`, unit: "ms", value: percentile(same), bar: 300, samples: same },
    { what: `${name}: code change`, ...ms(changes, bars.code) },
    ...(installs.length > 0 ? [{ what: `${name}: lockfile change`, ...ms(installs, bars.lockfile) }] : []),
    { what: `${name}: server's memory above idle`, unit: "MiB", value: peakMib - idleMib, bar: 50 },
  ];
}

function ms(samples: readonly number[], bar: number | undefined) {
  return { unit: "ms" as const, value: percentile(samples), samples, ...(bar !== undefined && { bar }) };
}

/** Samples the resident memory of a process until disposed; tells the most that was seen, MiB. */
function watchMemory(pid: number): { peakMib(): number } & Disposable {
  let peak = residentMib(pid);
  const timer = setInterval(() => (peak = Math.max(peak, residentMib(pid))), 50);
  return { peakMib: () => peak, [Symbol.dispose]: () => clearInterval(timer) };
}

async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = async (path: string) => [path.slice(folder.length + 1), await readFile(path, "utf8")] as const;
  return Object.fromEntries(await Promise.all(paths.map(read)));
}
