import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { leftoversOf } from "../support/leftovers.ts";
import {
  answering,
  deploy,
  functionNow,
  LOCATION,
  operationNow,
  type OperationJson,
  operationOf,
  requestDeployment,
} from "../support/real-functions.ts";
import { type RealServer, startRealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { warmDataFolder } from "../support/warm-data.ts";

const RANDOM_KILLS = 6;
/** About as long as a deployment takes. */
const DEPLOYMENT_MS = 1500;

/** When to kill a server that has a deployment under way. */
type Moment = (operation: OperationJson) => boolean;

const stageIs =
  (wanted: string, state: string): Moment =>
  ({ metadata, done }) =>
    done === true || (metadata?.stages ?? []).some((stage) => stage.name === wanted && stage.state === state);

const MOMENTS: Readonly<Record<string, Moment>> = {
  "at once": () => true,
  "while it builds": stageIs("BUILD", "IN_PROGRESS"),
  "when it has built": stageIs("BUILD", "COMPLETE"),
  "while the service starts": stageIs("SERVICE", "IN_PROGRESS"),
  "when it is done": ({ done }) => done === true,
};

describe("a server that is killed while a function is deployed", () => {
  let dataDir: string;
  let server: RealServer;
  let url: string;
  let rounds = 0;

  before(async () => {
    dataDir = await warmDataFolder();
    server = await startRealServer({ dataDir });
    url = await deploy(server, "hello", { code: answering("round 0") });
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Asks for the next round's code, kills the server at some moment, and starts the next one on its data. */
  async function killAfter(wait: (operation: string) => Promise<unknown>): Promise<{ operation: string }> {
    rounds += 1;
    const answer = await requestDeployment(server, "PATCH", "hello", { code: answering(`round ${rounds}`) });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const operation = String(answer.body["name"]);
    await wait(operation);
    await restart();
    return { operation };
  }

  async function restart(): Promise<void> {
    await server.kill();
    await server[Symbol.asyncDispose]();
    server = await startRealServer({ dataDir });
  }

  async function endsAsIfNothingHappened({ operation }: { operation: string }, what: string): Promise<void> {
    const ended = await until(async () => {
      const now = await operationNow(server, operation);
      return now.done === true && now;
    });
    assert.equal(ended.error, undefined, what);
    const { body } = await functionNow(server, "hello");
    assert.equal(body["state"], "ACTIVE", what);
    assert.deepEqual(await server.call(url), { status: 200, body: `round ${rounds}` }, what);
    const { services } = (await server.json("GET", `/run/v2/${LOCATION}/services`)).body as { services: unknown[] };
    assert.equal(services.length, 1, what);
  }

  for (const [name, isMoment] of Object.entries(MOMENTS)) {
    test(`${name}, brings the deployment to its end in the next process`, async () => {
      const killed = await killAfter((operation) => until(async () => isMoment(await operationNow(server, operation))));
      await endsAsIfNothingHappened(killed, name);
    });
  }

  test("at random moments, brings every deployment to its end", async () => {
    for (let time = 0; time < RANDOM_KILLS; time++) {
      const afterMs = Math.round(Math.random() * DEPLOYMENT_MS);
      await endsAsIfNothingHappened(await killAfter(() => delay(afterMs)), `killed after ${afterMs} ms`);
    }
  });

  test("made one image for each code", async () => {
    const path = `/artifactregistry/v1/${LOCATION}/repositories/gcf-artifacts/dockerImages`;
    const { dockerImages } = (await server.json("GET", path)).body as { dockerImages: { uri: string }[] };
    const ofFunction = dockerImages.filter(({ uri }) => uri.includes("__hello@"));
    assert.equal(ofFunction.length, rounds + 1);
  });

  test("while it is deleted, deletes it", async () => {
    const answer = await server.json("DELETE", `/cloudfunctions/v2/${LOCATION}/functions/hello`);
    await restart();
    assert.equal((await operationOf(server, answer)).error, undefined);
    assert.equal((await functionNow(server, "hello")).status, 404);
    assert.equal((await server.json("GET", `/run/v2/${LOCATION}/services/hello`)).status, 404);
    assert.equal((await server.call(url)).status, 404);
  });

  // The last test: it ends the server.
  test("leaves nothing behind once the next one has run", async () => {
    url = await deploy(server, "again", { code: answering("again") });
    assert.deepEqual(await server.call(url), { status: 200, body: "again" });
    await restart();
    await server.stop();
    assert.deepEqual(leftoversOf(dataDir), []);
  });
});
