import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { zipOf } from "../support/archives.ts";
import { deploy, LOCATION } from "../support/real-functions.ts";
import type { RealServer } from "../support/real-server.ts";
import { runningInstances, waitingStems } from "../support/running-sandboxes.ts";
import { until } from "../support/until.ts";
import { startWarmServer } from "../support/warm-data.ts";

const [PROBE, PYTHON_PROBE] = ["probe.cjs", "probe.py"].map((name) =>
  readFileSync(join(import.meta.dirname, "testdata", name), "utf8"),
) as [string, string];

type Report = Readonly<Record<string, unknown>> & {
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly string[];
  /** Modules that are loaded. */
  readonly cache: readonly string[];
  /** Modules that a Python function found when it was loaded. */
  readonly loadingCache?: readonly string[];
  /** The instance's id as the metadata server tells it. */
  readonly instance: string;
};

/** Functions of several owners on one server; instances go as soon as they are idle. */
describe("instances from stems", () => {
  let server: RealServer;
  let url: string;
  /** What the function saw in an instance that was started cold. */
  let cold: Report;

  before(async () => {
    server = await startWarmServer(["--idle-timeout", "1s", "--stem-memory", "128Mi"]);
    const secrets = { environmentVariables: { OWN: "first's own" } };
    url = await deploy(server, "first", { code: PROBE, serviceConfig: secrets });
    cold = await probe(url, "?write=first");
  });
  after(() => server?.[Symbol.asyncDispose]());

  async function probe(target: string, query = ""): Promise<Report> {
    const { status, body } = await server.call(target, { path: `/${query}` });
    assert.equal(status, 200, body);
    return JSON.parse(body) as Report;
  }

  /** Resolves when nothing serves and a stem waits. */
  function onlyStems(): Promise<true> {
    return until(async () => runningInstances(server.dataDir).length === 0 && waitingStems(server.dataDir).length > 0);
  }

  /** Gives a service another revision, with one more variable. */
  async function setVariable(service: string, name: string, value: string): Promise<void> {
    const path = `/run/v2/${LOCATION}/services/${service}`;
    const { body } = await server.json("GET", path);
    const template = body["template"] as { containers: { env?: object[] }[] };
    const containers = template.containers.map((container) => ({
      ...container,
      env: [...(container.env ?? []), { name, value }],
    }));
    const changed = { ...body, template: { ...template, revision: "", containers } };
    const operation = await server.json("PATCH", `${path}?updateMask=template`, changed);
    const done = await server.json("POST", `/run/v2/${String(operation.body["name"])}:wait`, { timeout: "60s" });
    assert.equal(done.body["done"] === true && done.body["error"], undefined, JSON.stringify(done.body));
  }

  /** The newest messages, in order of time. */
  async function messages(filter: string): Promise<string[]> {
    const list = await server.json("POST", "/logging/v2/entries:list", {
      resourceNames: ["projects/homerun-local"],
      filter,
      orderBy: "timestamp desc",
      pageSize: 200,
    });
    const entries = (list.body["entries"] ?? []) as { textPayload?: string }[];
    return entries.map(({ textPayload = "" }) => textPayload).toReversed();
  }

  test("a function sees the same as after a cold start", async () => {
    assert.equal(stemOf(cold), undefined);
    await onlyStems();
    const waiting = waitingStems(server.dataDir);
    const stem = await probe(url, "?write=first");
    assert.ok(waiting.includes(stemOf(stem)!), "it is not one of the stems that waited");
    const [seen, expected] = [comparable(stem), comparable(cold)];
    assert.deepEqual(Object.keys(seen), Object.keys(expected));
    for (const [name, value] of Object.entries(expected)) assert.deepEqual(seen[name], value, name);
    const loaded = cold.cache.filter((file) => !stem.cache.includes(file));
    const loadedAhead = stem.cache.filter((file) => !cold.cache.includes(file));
    assert.deepEqual([loaded, loadedAhead.filter((file) => !file.includes("/node_modules/iconv-lite/"))], [[], []]);
    assert.notEqual(stem.instance, cold.instance);
  });

  test("a stem serves one function once, and nothing of another function is in it", async () => {
    const secrets = { environmentVariables: { OTHER: "second's own" } };
    const other = await deploy(server, "second", { code: PROBE, serviceConfig: secrets });
    await until(async () => studied() === 2);
    const used = new Set<string>();
    for (const [target, service] of [
      [url, "first"],
      [other, "second"],
      [url, "first"],
    ] as const) {
      await onlyStems();
      const report = await probe(target);
      const stem = stemOf(report);
      assert.ok(stem !== undefined && !used.has(stem), `${service}: ${stem}`);
      used.add(stem);
      assert.equal(report.env["K_SERVICE"], service);
      assert.deepEqual(
        [report.env["OWN"], report.env["OTHER"]],
        service === "first" ? ["first's own", undefined] : [undefined, "second's own"],
      );
      assert.deepEqual([report["tmp"], report["mark"]], [[], "ENOENT"]);
      assert.match(report.instance, /^[0-9a-f]{40,}$/);
    }
    await onlyStems();
    assert.deepEqual(
      waitingStems(server.dataDir).filter((id) => used.has(id)),
      [],
    );
  });

  test("a Python function sees the same as after a cold start, and crashes in the same way", async () => {
    const archive = await zipOf({ "main.py": PYTHON_PROBE });
    const python = await deploy(server, "python", { archive, runtime: "python313" });
    const expected = await probe(python, "?write=first");
    assert.equal(stemOf(expected), undefined);
    const seen = await until(async () => {
      await onlyStems();
      const report = await probe(python, "?write=first");
      return stemOf(report) !== undefined && report;
    });
    for (const [name, value] of Object.entries(comparable(expected))) {
      assert.deepEqual(comparable(seen)[name], value, name);
    }
    assert.deepEqual(seen.cache, expected.cache);
    const [first, then] = [expected.loadingCache!, seen.loadingCache!];
    assert.deepEqual(
      first.filter((name) => !then.includes(name)),
      [],
    );
    assert.doesNotMatch(then.join("\n"), /gunicorn|^hello|request_timeout/m);
    assert.notEqual(seen.instance, expected.instance);

    await setVariable("python", "FAIL_FROM_STEM", "1");
    const text = await until(async () => {
      await onlyStems();
      await server.call(python);
      const found = await messages('resource.labels.service_name="python"');
      return found.some((line) => line.startsWith("Default STARTUP TCP probe failed")) && found.join("\n");
    });
    assert.match(text, /^Traceback \(most recent call last\):$/m);
    assert.match(
      text,
      /^ {2}File "\/layers\/google\.python\.pip\/pip\/bin\/functions-framework", line 6, in <module>$/m,
    );
    assert.match(text, /^ {2}File "\/workspace\/main\.py", line \d+, in <module>$/m);
    assert.match(text, /^RuntimeError: loaded from a stem$/m);
    assert.match(text, /^Container called exit\(1\)\.$/m);
    assert.doesNotMatch(text, /\.stem|program\.code/);
  });

  test("a crash while the function loads is told as after a cold start", async () => {
    const code = `${PROBE}\nif (require("node:fs").readFileSync("/proc/self/mountinfo", "utf8").includes("/stem-")) throw new Error("loaded from a stem");\n`;
    const crashing = await deploy(server, "crashing", { code });
    const entries = await until(async () => {
      await onlyStems();
      await server.call(crashing);
      const found = await messages('resource.labels.service_name="crashing"');
      return found.some((text) => text.startsWith("Default STARTUP TCP probe failed")) && found;
    });
    const text = entries.join("\n");
    assert.match(text, /^Provided module can't be loaded\.$/m);
    assert.match(text, /Error: loaded from a stem\n {4}at Object\.<anonymous> \(\/workspace\/index\.js:/);
    assert.match(text, /^Container called exit\(1\)\.$/m);
    assert.doesNotMatch(text, /\.stem/);
  });

  /** Of how many images it was found out how they start. */
  function studied(): number {
    const folder = join(server.dataDir, "stems", "findings");
    return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")).length : 0;
  }
});

/** The stem that an instance was, as the paths of its mounts tell. */
function stemOf({ mounts }: Report): string | undefined {
  return /\/bundles\/(stem-[^/]+)/.exec(mounts.join("\n"))?.[1];
}

/**
 * Without what differs between any two instances, options that a mount has by another way of mounting, and modules,
 * of which the framework loads some with the first request that has a body.
 */
function comparable(report: Report): Record<string, unknown> {
  const { mounts } = report;
  const normal = mounts.map((mount) =>
    mount
      .replace(/^\/ \S+/, "/ OPTIONS")
      .replace(/\/bundles\/[^/]+\//, "/bundles/ID/")
      .replace(/( \/homerun-\w+)\/[^/]+\//, "$1/ID/"),
  );
  return { ...report, uptime: 0, instance: "", cache: [], loadingCache: [], mounts: normal.toSorted() };
}
