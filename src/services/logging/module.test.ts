import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type BootedApi, bootApi } from "../../../tests/support/boot-api.ts";
import { LoggingServiceV2 } from "../../gen/google/logging/v2/logging_pb.js";
import { logging } from "./module.ts";

const stdout = "projects/demo/logs/run.googleapis.com%2Fstdout";

describe("logging", () => {
  let api: BootedApi;
  before(async () => {
    api = await bootApi((deps) => [logging(deps)]);
    const entries = ["first", "second", "third"].map((textPayload, index) => ({
      textPayload,
      severity: index === 2 ? "ERROR" : "INFO",
      timestamp: `2026-11-21T10:00:0${index}Z`,
      labels: { "goog-managed-by": "cloudfunctions" },
    }));
    const resource = { type: "cloud_run_revision", labels: { service_name: "hello" } };
    const written = await api.json("POST", "/v2/entries:write", { logName: stdout, resource, entries });
    assert.equal(written.status, 200);
  });
  after(() => api[Symbol.asyncDispose]());

  async function list(request: object): Promise<string[]> {
    const { status, body } = await api.json("POST", "/v2/entries:list", {
      resourceNames: ["projects/demo"],
      ...request,
    });
    assert.equal(status, 200);
    return ((body["entries"] ?? []) as { textPayload: string }[]).map((entry) => entry.textPayload);
  }

  test("entries are listed by time, newest first when asked, and filtered", async () => {
    assert.deepEqual(await list({}), ["first", "second", "third"]);
    assert.deepEqual(await list({ orderBy: "timestamp desc" }), ["third", "second", "first"]);
    assert.deepEqual(await list({ filter: 'severity>=ERROR labels."goog-managed-by"="cloudfunctions"' }), ["third"]);
    assert.deepEqual(await list({ filter: 'resource.labels.service_name="other"' }), []);
  });

  test("pages continue where the last one ended", async () => {
    const request = { resourceNames: ["projects/demo"], orderBy: "timestamp desc", pageSize: 2 };
    const first = await api.json("POST", "/v2/entries:list", request);
    assert.equal((first.body["entries"] as unknown[]).length, 2);
    const pageToken = first.body["nextPageToken"];
    const second = await api.json("POST", "/v2/entries:list", { ...request, pageToken });
    assert.deepEqual(
      (second.body["entries"] as { textPayload: string }[]).map((entry) => entry.textPayload),
      ["first"],
    );
    assert.equal(second.body["nextPageToken"], undefined);
  });

  test("written entries get an insert id, a receive time and the request's resource", async () => {
    const { body } = await api.json("POST", "/v2/entries:list", { resourceNames: ["projects/demo"], pageSize: 1 });
    const [entry] = body["entries"] as { insertId: string; receiveTimestamp: string; resource: { type: string } }[];
    assert.match(entry!.insertId, /^[a-z0-9]{17}$/);
    assert.ok(Date.parse(entry!.receiveTimestamp) > Date.parse("2026-11-21T00:00:00Z") - 1);
    assert.equal(entry!.resource.type, "cloud_run_revision");
  });

  test("a wrong log name or an oversized entry is refused and nothing is written", async () => {
    const wrong = await api.json("POST", "/v2/entries:write", { entries: [{ logName: "nonsense", textPayload: "x" }] });
    assert.equal(wrong.status, 400);
    const entries = [
      { logName: stdout, textPayload: "fits" },
      { logName: stdout, textPayload: "x".repeat(300_000) },
    ];
    const large = await api.json("POST", "/v2/entries:write", { entries });
    assert.equal(large.status, 400);
    assert.deepEqual(await list({ filter: '"fits"' }), []);
  });

  test("with partial success the valid entries of a batch are written", async () => {
    const entries = [
      { logName: "nonsense", textPayload: "x" },
      { logName: stdout, textPayload: "partly written" },
    ];
    const answer = await api.json("POST", "/v2/entries:write", { entries, partialSuccess: true });
    assert.equal(answer.status, 400);
    assert.deepEqual(await list({ filter: '"partly written"' }), ["partly written"]);
  });

  test("tailing yields what is written after it began", async () => {
    const abort = new AbortController();
    const client = api.api.deps.clients.of(LoggingServiceV2, { kind: "owner" }, abort.signal);
    const tail = client.tailLogEntries(
      (async function* () {
        yield { resourceNames: ["projects/tailed"], filter: "severity>=WARNING" };
      })(),
    );
    const next = tail[Symbol.asyncIterator]().next();
    const write = async (textPayload: string, severity: number) => {
      const entry = {
        logName: "projects/tailed/logs/app",
        severity,
        payload: { case: "textPayload" as const, value: textPayload },
      };
      await client.writeLogEntries({ entries: [entry] });
    };
    // Written again until it is seen, since nothing says when the stream has begun.
    const seen = new AbortController();
    void next.then(() => seen.abort());
    while (!seen.signal.aborted) {
      await write("quiet", 200);
      await write("loud", 400);
    }
    const { value } = (await next) as { value: { entries: { payload: { value: unknown } }[] } };
    assert.deepEqual([...new Set(value.entries.map((entry) => entry.payload.value))], ["loud"]);
    abort.abort();
  });

  test("logs of a project are listed and deleted", async () => {
    await api.json("POST", "/v2/entries:write", { entries: [{ logName: "projects/gone/logs/app", textPayload: "x" }] });
    const before = await api.json("GET", "/v2/projects/gone/logs");
    assert.deepEqual(before.body["logNames"], ["projects/gone/logs/app"]);
    assert.equal((await api.json("DELETE", "/v2/projects/gone/logs/app")).status, 200);
    // What remains is the entry that tells of the deletion.
    const { body: after } = await api.json("GET", "/v2/projects/gone/logs");
    assert.deepEqual(after["logNames"], ["projects/gone/logs/cloudaudit.googleapis.com%2Factivity"]);
  });
});
