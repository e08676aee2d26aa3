import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { deploy, LOCATION, operationOf, requestDeployment } from "../support/real-functions.ts";
import type { RealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";
import { startWarmServer } from "../support/warm-data.ts";

const TOPIC = "projects/homerun-local/topics/orders";

describe("events of a function", () => {
  let server: RealServer;
  before(async () => {
    server = await startWarmServer([]);
  });
  after(() => server[Symbol.asyncDispose]());

  const events = async (...args: string[]) =>
    JSON.parse(await server.homerun("events", "list", "--json", "--function", "audited", ...args)) as {
      messageId: string;
      subscription: string;
      outcome: string;
    }[];
  const publish = () =>
    server.json("POST", `/pubsub/v1/${TOPIC}:publish`, { messages: [{ data: Buffer.from("x").toString("base64") }] });
  const revisions = async () => {
    const { body } = await server.json("GET", `/run/v2/${LOCATION}/services/audited/revisions`);
    return (body["revisions"] as { name: string }[]).map(({ name }) => name.split("/").at(-1)!);
  };
  const traffic = async () => (await server.json("GET", `/run/v2/${LOCATION}/services/audited`)).body["traffic"];

  test("can be sent to another revision than the one that failed them", async () => {
    const eventTrigger = { eventType: "google.cloud.pubsub.topic.v1.messagePublished", pubsubTopic: TOPIC };
    await deploy(server, "audited", { code: codeOf(""), entryPoint: "audited", eventTrigger }, { isPublic: false });
    const broken = { code: codeOf('throw new Error("broken");'), entryPoint: "audited", eventTrigger };
    assert.equal(
      (await operationOf(server, await requestDeployment(server, "PATCH", "audited", broken))).error,
      undefined,
    );
    const [current, first] = (await revisions()) as [string, string];
    const before = await traffic();
    await publish();
    const [event] = await until(async () => {
      const dropped = await events("--failed");
      return dropped.length === 1 && dropped;
    });
    assert.equal(event?.outcome, "DROPPED");
    assert.match(
      await server.homerun("events", "replay", event.messageId, "--revision", first),
      /replay {2}DELIVERED 204/,
    );
    await assert.rejects(server.homerun("events", "replay", event.messageId, "--revision", current), { code: 1 });
    await assert.rejects(
      server.homerun("events", "replay", event.messageId, "--revision", "audited-00009-abc"),
      /NOT_FOUND/,
    );
    assert.deepEqual(await traffic(), before);
    const shown = await until(async () => {
      const text = await server.homerun("events", "show", event.messageId);
      return text.includes(`revision ${first}`) && text;
    });
    assert.match(shown, new RegExp(`1 +DROPPED 500 .* revision ${current}`));
    assert.deepEqual(
      (await events("--failed")).map(({ messageId }) => messageId),
      [event.messageId],
    );
  });
});

function codeOf(statement: string): string {
  return `require("@google-cloud/functions-framework").cloudEvent("audited", () => { ${statement} });\n`;
}
