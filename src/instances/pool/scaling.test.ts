import assert from "node:assert/strict";
import { test } from "node:test";
import { deploy, revision, type RevisionOverrides, route, SERVICE, startFloor, until } from "./testing/floor.ts";

const R1 = `${SERVICE}/revisions/r1`;
const R2 = `${SERVICE}/revisions/r2`;

/** As many instances as said, whatever happens. */
const manual = (count: number, overrides: RevisionOverrides = {}) =>
  revision("r1", { minInstances: count, maxInstances: count, ...overrides });

const worker = (count: number, overrides: RevisionOverrides = {}) => {
  const { port: _port, ...spec } = manual(count, overrides);
  const [{ startupProbe: _probe, ...main }] = spec.containers;
  return { ...spec, containers: [main] } as const;
};

test("manual scaling keeps a number of instances; less take effect at once, without cutting a request", async () => {
  await using test = await startFloor();
  deploy(test, manual(3));
  await until(() => test.floor.instanceCounts(R1).idle === 3);
  const slow = test.fetch("/slow?ms=300");
  await until(() => test.floor.instanceCounts(R1).active === 1);
  test.floor.ensureRevision(manual(1));
  await until(() => test.sandboxes.running.size === 1);
  assert.deepEqual(test.floor.instanceCounts(R1), { starting: 0, active: 1, idle: 0 });
  assert.equal((await slow).status, 200);
});

test("no instances at all answer 503, those that wait too, and come back", async () => {
  await using test = await startFloor();
  deploy(test, manual(1, { concurrency: 1 }));
  await (await test.fetch("/")).text();
  const last = test.fetch("/slow?ms=300");
  await until(() => test.floor.instanceCounts(R1).active === 1);
  const waiting = test.fetch("/");
  const disabled = test.fetch("/");
  await test.entry(({ textPayload = "" }) => textPayload.includes("STARTUP"));
  test.floor.ensureRevision(manual(0));
  assert.deepEqual([(await waiting).status, (await disabled).status, (await last).status], [503, 503, 200]);
  await until(() => test.sandboxes.running.size === 0);
  const refused = await test.fetch("/");
  assert.deepEqual([refused.status, await refused.text()], [503, "Service Unavailable"]);
  await test.entry(({ textPayload }) => textPayload === "The request failed because the service is disabled.");
  assert.deepEqual(await test.floor.awaitReady(R1), { ready: true });
  assert.equal(test.sandboxes.started, 1);
  test.floor.ensureRevision(manual(1));
  assert.equal((await test.fetch("/")).status, 200);
});

test("instances without a port are kept at their number, and replaced when they end", async () => {
  await using test = await startFloor();
  test.floor.ensureRevision(worker(2));
  assert.deepEqual(await test.floor.awaitReady(R1), { ready: true });
  await until(() => test.floor.instanceCounts(R1).idle === 2);
  test.floor.ensureRevision(worker(1));
  await until(() => test.sandboxes.running.size === 1);
  await test.floor.removeRevision(R1);
  assert.equal(test.sandboxes.running.size, 0);
});

test("an instance that ends again and again is replaced, and then after a second at the earliest", async () => {
  await using test = await startFloor();
  const endMs: number[] = [];
  test.floor.ensureRevision(worker(1, { env: { START: "exit" } }));
  for (let ends = 1; ends <= 3; ends++) {
    await until(
      () => test.logs.filter(({ textPayload }) => textPayload === "Container called exit(3).").length >= ends,
    );
    endMs.push(performance.now());
  }
  assert.equal(test.sandboxes.started, 3);
  assert.ok(endMs[2]! - endMs[1]! > 900, `${endMs[2]! - endMs[1]!} ms`);
});

test("a revision counts as ready once its minInstances are up", async () => {
  await using test = await startFloor();
  test.floor.ensureRevision(revision("r1", { minInstances: 3 }));
  await test.floor.awaitReady(R1);
  assert.deepEqual(test.floor.instanceCounts(R1), { starting: 0, active: 0, idle: 3 });
});

test("a revision becomes ready though the requests that it was started for have gone", async () => {
  await using test = await startFloor({ settings: { parallelStarts: 1 } });
  test.floor.ensureRevision(revision("r2", { minInstances: 1, env: { START: "300" } }));
  test.floor.ensureRevision(revision("r1"));
  test.floor.setRoute(route("r1"));
  const abort = new AbortController();
  const gone = test.fetch("/", { signal: abort.signal }).catch(() => "gone");
  await until(() => test.floor.instanceCounts(R1).starting === 1);
  const ready = test.floor.awaitReady(R1);
  abort.abort();
  assert.equal(await gone, "gone");
  assert.deepEqual(await ready, { ready: true });
});

test("a revision whose instances cannot start leaves start slots to the others", async () => {
  await using test = await startFloor({ settings: { parallelStarts: 2 } });
  test.floor.ensureRevision(revision("r1", { concurrency: 1, env: { START: "exit" } }));
  test.floor.setRoute(route("r1"));
  const refused = Array.from({ length: 30 }, async () => (await test.fetch("/")).status);
  test.floor.ensureRevision(revision("r2"));
  assert.deepEqual(await test.floor.awaitReady(R2), { ready: true });
  const started = test.sandboxes.started;
  assert.ok(started < 20, `${started} starts`);
  assert.deepEqual(new Set(await Promise.all(refused)), new Set([500]));
});

test("a switch of the route, and back, under load fails no request", async () => {
  await using test = await startFloor();
  deploy(test, revision("r1"));
  await (await test.fetch("/")).text();
  const answers: Promise<string>[] = [];
  const done = new AbortController();
  let last = "";
  const textOf = async (response: Response) => {
    last = `${response.status === 200 ? "" : response.status}${await response.text()}`;
    return last;
  };
  const load = (async () => {
    while (!done.signal.aborted) {
      for (let n = 0; n < 5; n++) answers.push(test.fetch("/").then(textOf));
      await answers.at(-1);
    }
  })();
  const reaches = (name: string, from: number) =>
    until(() => answers.length > from + 20 && last === `hello from ${name}`);
  await reaches("r1", 0);
  test.floor.ensureRevision(revision("r2", { minInstances: 1 }));
  await test.floor.awaitReady(R2);
  test.floor.setRoute(route("r2"));
  const removed = test.floor.removeRevision(R1);
  await reaches("r2", answers.length);
  await removed;
  test.floor.ensureRevision(revision("r1"));
  test.floor.setRoute(route("r1"));
  await test.floor.removeRevision(R2);
  await reaches("r1", answers.length);
  done.abort();
  await load;
  const texts = new Set(await Promise.all(answers));
  assert.deepEqual([...texts].sort(), ["hello from r1", "hello from r2"]);
});
