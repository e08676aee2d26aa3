import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  bootEventarc,
  type BootedEventarc,
  filtersOf,
  type Json,
  PARENT,
  refusalOf,
} from "../../../tests/support/boot-eventarc.ts";
import { recordPublishes } from "../../../tests/support/recorded-publishes.ts";
import { Channel_State as State } from "../../gen/google/cloud/eventarc/v1/channel_pb.js";
import { Eventarc } from "../../gen/google/cloud/eventarc/v1/eventarc_pb.js";

const CHANNEL = `${PARENT}/channels/orders`;

describe("Eventarc publishing", () => {
  const recorder = recordPublishes();
  let booted: BootedEventarc;
  before(async () => {
    booted = await bootEventarc(recorder);
    await booted.done(await booted.call("POST", `${PARENT}/channels?channelId=orders`, {}));
  });
  after(() => booted[Symbol.asyncDispose]());

  const trigger = async (id: string, body: Json): Promise<string> => {
    const made = await booted.done(await booted.create(id, body));
    return String((made["transport"] as { pubsub: Json }).pubsub["topic"]);
  };
  const publish = (body: Json, channel = CHANNEL) =>
    booted.api.json("POST", `/eventarcpublishing/v1/${channel}:publishEvents`, body);
  const published = async (body: Json, channel = CHANNEL) => {
    const answer = await publish(body, channel);
    assert.deepEqual(answer, { status: 200, body: {} });
    return recorder.take();
  };
  /** An event as gcloud packs it. */
  const packed = (type: string, attributes: Record<string, string> = {}, text = '{"a":1}') => ({
    "@type": "type.googleapis.com/io.cloudevents.v1.CloudEvent",
    id: "1",
    source: "//shop",
    specVersion: "1.0",
    type,
    attributes: {
      time: { ceTimestamp: "2026-11-21T20:00:00.5Z" },
      datacontenttype: { ceString: "application/json" },
      ...Object.fromEntries(Object.entries(attributes).map(([name, ceString]) => [name, { ceString }])),
    },
    textData: text,
  });

  test("events reach the triggers of their channel that they match, and the channel's topic", async () => {
    const paid = await trigger("paid", { channel: CHANNEL, eventFilters: filtersOf("shop.order.v1.paid") });
    const blue = await trigger("blue", {
      channel: CHANNEL,
      eventFilters: filtersOf("shop.order.v1.paid", ["team", "blue"], ["path", "a/{x}", "match-path-pattern"]),
    });
    const own = (await booted.call("GET", CHANNEL)).body;
    assert.match(String(own["pubsubTopic"]), /^projects\/demo\/topics\/eventarc-channel-us-central1-orders-\d{3}$/);
    const topics = async (event: Json) => (await published({ events: [event] })).map(({ topic }) => topic);
    assert.deepEqual(new Set(await topics(packed("shop.order.v1.paid"))), new Set([paid, own["pubsubTopic"]]));
    const matching = packed("shop.order.v1.paid", { team: "blue", path: "a/b" });
    assert.deepEqual(new Set(await topics(matching)), new Set([paid, blue, own["pubsubTopic"]]));
    assert.deepEqual(await topics(packed("shop.order.v1.sent")), [own["pubsubTopic"]]);
  });

  test("protobuf and JSON become the same message", async () => {
    const topic = await trigger("forms", { channel: CHANNEL, eventFilters: filtersOf("forms") });
    const only = (messages: Awaited<ReturnType<typeof published>>) => messages.filter((each) => each.topic === topic);
    const [first] = only(await published({ events: [packed("forms", { team: "red" })] }));
    assert.deepEqual(first?.attributes, {
      "ce-id": "1",
      "ce-source": "//shop",
      "ce-specversion": "1.0",
      "ce-team": "red",
      "ce-time": "2026-11-21T20:00:00.500Z",
      "ce-type": "forms",
      "ce-datacontenttype": "application/json",
      "content-type": "application/json",
    });
    assert.equal(first.data, '{"a":1}');
    const json = {
      specversion: "1.0",
      id: "1",
      source: "//shop",
      type: "forms",
      datacontenttype: "application/json",
      team: "red",
      time: "2026-11-21T20:00:00.500Z",
      data: { a: 1 },
    };
    const [second] = only(await published({ textEvents: [JSON.stringify(json)] }));
    assert.deepEqual(second, first);
    const { data: _, ...rest } = json;
    const binary = { ...rest, datacontenttype: "text/plain", data_base64: Buffer.from("hi").toString("base64") };
    const [third] = only(await published({ textEvents: [JSON.stringify(binary)] }));
    assert.deepEqual([third?.data, third?.attributes["content-type"]], ["hi", "text/plain"]);
  });

  test("a provider connects by the channel's token, and loses the channel with the connection", async () => {
    const provider = `${PARENT}/providers/datadog`;
    const pending = await booted.done(await booted.call("POST", `${PARENT}/channels?channelId=third`, { provider }));
    assert.equal(pending["state"], "PENDING");
    const channel = `${PARENT}/channels/third`;
    assert.equal((await publish({ events: [packed("x")] }, channel)).status, 400);
    const connect = (activationToken: unknown) =>
      booted.call("POST", `projects/partner/locations/us-central1/channelConnections?channelConnectionId=c`, {
        channel,
        activationToken,
      });
    assert.match(await refusalOf(connect("guess")), /the activation token is not valid/);
    const connection = await booted.done(await connect(pending["activationToken"]));
    assert.deepEqual([connection["channel"], connection["activationToken"]], [channel, undefined]);
    const { body } = await booted.call("GET", channel);
    assert.deepEqual([body["state"], body["activationToken"]], ["ACTIVE", undefined]);
    const path = `/eventarcpublishing/v1/${String(connection["name"])}:publishEvents`;
    assert.equal((await booted.api.json("POST", path, { events: [packed("x")] })).status, 200);
    assert.deepEqual(
      recorder.take().map(({ topic }) => topic),
      [pending["pubsubTopic"]],
    );
    await booted.done(await booted.call("DELETE", String(connection["name"])));
    assert.equal((await booted.call("GET", channel)).body["state"], "INACTIVE");
    await booted.done(await booted.call("DELETE", channel));
    assert.equal((await booted.call("GET", channel)).status, 404);
  });

  test("Google's events that no service sends are published to the channel google", async () => {
    const ref = ["ref", "users/{user=*}/name", "match-path-pattern"] as const;
    const eventFilters = filtersOf("google.firebase.database.ref.v1.written", ["instance", "main"], ref);
    const topic = await trigger("database", { eventFilters });
    const event = packed("google.firebase.database.ref.v1.written", { instance: "main", ref: "users/ann/name" });
    const [message, ...others] = await published({ events: [event] }, `${PARENT}/channels/google`);
    assert.deepEqual([message?.topic, others], [topic, []]);
    const everywhere = await published({ events: [event] }, "projects/demo/locations/-/channels/google");
    assert.deepEqual(
      everywhere.map((each) => each.topic),
      [topic],
    );
    const elsewhere = packed("google.firebase.database.ref.v1.written", { instance: "main", ref: "users/ann" });
    assert.deepEqual(await published({ events: [elsewhere] }, `${PARENT}/channels/google`), []);
    const routed = packed("google.cloud.storage.object.v1.finalized");
    assert.match(
      await refusalOf(publish({ events: [routed] }, `${PARENT}/channels/google`)),
      /come from the service itself$/,
    );
    assert.match(
      await refusalOf(booted.call("POST", `${PARENT}/channels?channelId=google`, {})),
      /the channel "google" is for events of Google's providers$/,
    );
  });

  const refused: readonly (readonly [why: string, body: Json, message: RegExp])[] = [
    ["nothing", {}, /there are no events$/],
    ["both forms", { events: [packed("x")], textEvents: ["{}"] }, /cannot both be set$/],
    ["another version", { events: [{ ...packed("x"), specVersion: "0.3" }] }, /version "0.3" of CloudEvents is not/],
    ["no id", { events: [{ ...packed("x"), id: "" }] }, /the attribute "id" of an event is required$/],
    ["an attribute with capitals", { events: [packed("x", { Team: "a" })] }, /invalid name of an attribute "Team"$/],
    ["a long attribute", { events: [packed("x", { team: "x".repeat(1025) })] }, /"team" exceeds 1024 bytes$/],
    ["no JSON", { textEvents: ["hello"] }, /an event must be a JSON object$/],
    ["other messages", { events: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo" }] }, /must be io.cloudevents/],
    ["large data", { events: [packed("x", {}, "x".repeat(524_289))] }, /exceeds 524288 bytes$/],
  ];
  for (const [why, body, message] of refused)
    test(`refuses ${why}`, async () => assert.match(await refusalOf(publish(body)), message));

  test("channels are listed, changed and not made twice", async () => {
    const eventarc = booted.api.api.deps.clients.of(Eventarc, { kind: "owner" });
    const { channels } = await eventarc.listChannels({ parent: PARENT, orderBy: "channel_id desc" });
    assert.deepEqual(
      channels.map(({ name, state }) => [name, state]),
      [[CHANNEL, State.ACTIVE]],
    );
    assert.equal((await booted.call("POST", `${PARENT}/channels?channelId=orders`, {})).status, 409);
    const patched = await booted.call("PATCH", `${CHANNEL}?updateMask=labels`, { labels: { team: "blue" } });
    assert.deepEqual((await booted.done(patched))["labels"], { team: "blue" });
    const key = { cryptoKeyName: "projects/p/locations/l/keyRings/r/cryptoKeys/k" };
    assert.match(await refusalOf(booted.call("PATCH", CHANNEL, key)), /channel.crypto_key_name is not supported/);
    const config = `${PARENT}/googleChannelConfig`;
    assert.deepEqual((await booted.call("GET", config)).body, { name: config });
    await booted.call("PATCH", `${config}?updateMask=labels`, { labels: { a: "b" } });
    assert.deepEqual((await booted.call("GET", config)).body["labels"], { a: "b" });
    assert.equal((await publish({ events: [packed("x")] }, `${PARENT}/channels/none`)).status, 404);
  });
});
