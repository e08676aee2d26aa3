import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type RealServer, startRealServer } from "../support/real-server.ts";
import { startTestTarget, type TestTarget } from "../support/test-target.ts";
import { until } from "../support/until.ts";

const LOCATION = "projects/demo/locations/us-central1";
const TASKS = 400;
const KILLS = 3;
const AT_ONCE = 10;
const FLAGS = ["--clock", "manual"];

describe("a server that is killed while it has tasks and jobs", () => {
  let dataDir: string;
  let server: RealServer;
  let target: TestTarget;

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "homerun-killed-tasks-"));
    server = await startRealServer({ dataDir, flags: FLAGS });
    target = await startTestTarget();
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await target?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await server.json(method, path, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }

  async function restart(): Promise<void> {
    await server.kill();
    await server[Symbol.asyncDispose]();
    server = await startRealServer({ dataDir, flags: FLAGS });
  }

  test("no task that was acknowledged is lost, and only those under way are sent again", async () => {
    const queue = `${LOCATION}/queues/killed`;
    const rateLimits = { maxDispatchesPerSecond: 100, maxConcurrentDispatches: AT_ONCE };
    await call("POST", `/v2/${LOCATION}/queues`, { name: queue, rateLimits });
    const names: string[] = [];
    let left = TASKS;
    const create = async () => {
      while (left-- > 0) {
        const task = { httpRequest: { url: target.url } };
        const { name } = await call("POST", `/v2/${queue}/tasks`, { task });
        names.push(String(name).split("/").at(-1)!);
      }
    };
    await Promise.all(Array.from({ length: 8 }, create));
    const sent = () => target.requests.map(({ headers }) => String(headers["x-cloudtasks-taskname"]));
    for (let kill = 1; kill <= KILLS; kill++) {
      await until(async () => sent().length >= Math.min((TASKS / (KILLS + 1)) * kill, TASKS - 2 * AT_ONCE));
      await restart();
    }
    await until(async () => new Set(sent()).size === names.length);
    await until(async () => (await call("GET", `/v2/${queue}/tasks`))["tasks"] === undefined);
    assert.deepEqual(new Set(sent()), new Set(names));
    const again = sent().length - names.length;
    assert.ok(again <= KILLS * 2 * AT_ONCE, `${again} tasks were sent again`);
  });

  test("time that was advanced does not go back, and jobs go on from there", async () => {
    target.requests.length = 0;
    const job = { name: `${LOCATION}/jobs/hourly`, schedule: "0 * * * *", httpTarget: { uri: target.url } };
    await call("POST", `/v1/${LOCATION}/jobs`, job);
    const { time } = await call("POST", "/clock/v1/clock:advance", { duration: "7200s" });
    assert.equal(target.requests.length, 2);
    await restart();
    const now = await call("GET", "/clock/v1/clock");
    assert.ok(Date.parse(String(now["time"])) >= Date.parse(String(time)));
    assert.equal(now["mode"], "MANUAL");
    const printed = await server.homerun("clock", "advance", "3h");
    assert.match(printed, /ahead of the system's/);
    assert.equal(target.requests.length, 5);
    const times = target.requests.map(({ headers }) => Date.parse(String(headers["x-cloudscheduler-scheduletime"])));
    assert.deepEqual(
      times.slice(1).map((timeMs, index) => timeMs - times[index]!),
      [1, 1, 1, 1].map(() => 3_600_000),
    );
  });
});
