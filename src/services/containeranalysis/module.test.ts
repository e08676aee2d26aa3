import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type BootedApi, bootApi } from "../../../tests/support/boot-api.ts";
import { containeranalysis } from "./module.ts";

type Json = Record<string, unknown>;

const IMAGE = "https://us-central1-docker.pkg.dev/demo/repo/app@sha256:1";

describe("container analysis", () => {
  let api: BootedApi;
  before(async () => {
    api = await bootApi((deps) => [containeranalysis(deps)]);
  });
  after(() => api[Symbol.asyncDispose]());

  const createNote = (id: string, note: Json, project = "demo") =>
    api.json("POST", `/v1/projects/${project}/notes?noteId=${id}`, note);
  const createOccurrence = (occurrence: Json, project = "demo") =>
    api.json("POST", `/v1/projects/${project}/occurrences`, occurrence);
  const errorOf = (body: Json) => body["error"] as { status: string; message: string };
  const list = async (query: Readonly<Record<string, string>>, path = "projects/demo/occurrences") => {
    const { status, body } = await api.json("GET", `/v1/${path}?${new URLSearchParams(query).toString()}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body as { occurrences?: { name: string; resourceUri: string }[]; nextPageToken?: string };
  };

  test("notes are created, read, listed, changed and deleted", async () => {
    const created = await createNote("builds", { build: { builderVersion: "1" }, shortDescription: "short" });
    assert.equal(created.status, 200);
    assert.equal(created.body["name"], "projects/demo/notes/builds");
    assert.equal(created.body["kind"], "BUILD");
    const taken = await createNote("builds", { build: {} });
    assert.equal(errorOf(taken.body).status, "ALREADY_EXISTS");
    const untyped = await createNote("untyped", { shortDescription: "nothing" });
    assert.equal(errorOf(untyped.body).status, "INVALID_ARGUMENT");
    const changed = await api.json("PATCH", "/v1/projects/demo/notes/builds?updateMask=longDescription", {
      longDescription: "long",
      shortDescription: "ignored",
    });
    assert.equal(changed.body["shortDescription"], "short");
    assert.equal(changed.body["longDescription"], "long");
    const otherKind = await api.json("PATCH", "/v1/projects/demo/notes/builds", { image: { resourceUrl: "u" } });
    assert.equal(errorOf(otherKind.body).status, "INVALID_ARGUMENT");
    const { body } = await api.json("GET", "/v1/projects/demo/notes?filter=kind%3DBUILD");
    assert.deepEqual(body["notes"], [changed.body]);
    assert.equal((await api.json("DELETE", "/v1/projects/demo/notes/builds")).status, 200);
    const gone = await api.json("GET", "/v1/projects/demo/notes/builds");
    assert.deepEqual([gone.status, errorOf(gone.body).status], [404, "NOT_FOUND"]);
  });

  test("occurrences are found by gcloud's filters, page by page, and by their note from other projects", async () => {
    await createNote("attestor", { attestation: { hint: { humanReadableName: "me" } } }, "provider");
    const noteName = "projects/provider/notes/attestor";
    const attestation = { serializedPayload: "e30=" };
    for (const resourceUri of [IMAGE, `${IMAGE}2`, "https://elsewhere/image@sha256:3"]) {
      const { status, body } = await createOccurrence({ noteName, resourceUri, attestation });
      assert.equal(status, 200, JSON.stringify(body));
      assert.match(String(body["name"]), /^projects\/demo\/occurrences\/[0-9a-f-]{36}$/);
    }
    const filter = `((kind = "ATTESTATION") OR (kind = "BUILD")) AND ((resourceUrl = "${IMAGE}"))`;
    assert.deepEqual(
      (await list({ filter })).occurrences?.map(({ resourceUri }) => resourceUri),
      [IMAGE],
    );
    const prefix = { filter: 'has_prefix(resourceUrl, "https://us-central1-docker.pkg.dev/demo")', pageSize: "1" };
    const first = await list(prefix);
    const second = await list({ ...prefix, pageToken: first.nextPageToken! });
    const uris = [first, second].flatMap(({ occurrences }) => occurrences!.map(({ resourceUri }) => resourceUri));
    assert.deepEqual(uris.toSorted(), [IMAGE, `${IMAGE}2`]);
    assert.equal(second.nextPageToken, undefined);
    assert.equal((await list({}, `${noteName}/occurrences`)).occurrences?.length, 3);
    const { name } = first.occurrences![0]!;
    const note = await api.json("GET", `/v1/${name}/notes`);
    assert.equal(note.body["name"], noteName);
    const patched = await api.json("PATCH", `/v1/${name}?updateMask=remediation,resourceUri`, {
      remediation: "none",
      resourceUri: "https://other",
    });
    assert.deepEqual(
      [patched.body["remediation"], patched.body["resourceUri"]],
      ["none", first.occurrences![0]!.resourceUri],
    );
    assert.equal((await api.json("DELETE", `/v1/${name}`)).status, 200);
    assert.equal((await list(prefix)).nextPageToken, undefined);
  });

  test("an occurrence without its note, resource or details, or of another kind than its note, is refused", async () => {
    await createNote("vulnerabilities", { vulnerability: { severity: "HIGH" } });
    const noteName = "projects/demo/notes/vulnerabilities";
    const complete = { noteName, resourceUri: IMAGE, vulnerability: { effectiveSeverity: "HIGH", fixAvailable: true } };
    const missing = await createOccurrence({ ...complete, noteName: "projects/demo/notes/none" });
    assert.deepEqual([missing.status, errorOf(missing.body).status], [404, "NOT_FOUND"]);
    for (const wrong of [
      { ...complete, noteName: "nothing" },
      { ...complete, resourceUri: "" },
      { noteName, resourceUri: IMAGE },
      { noteName, resourceUri: IMAGE, build: {} },
    ]) {
      const { status, body } = await createOccurrence(wrong);
      assert.deepEqual([status, errorOf(body).status], [400, "INVALID_ARGUMENT"], JSON.stringify(wrong));
    }
    assert.equal((await createOccurrence(complete)).status, 200);
    const { body } = await api.json("GET", "/v1/projects/demo/occurrences:vulnerabilitySummary");
    const total = { resourceUri: IMAGE, fixableCount: "1", totalCount: "1" };
    assert.deepEqual(body["counts"], [{ ...total, severity: "HIGH" }, total]);
  });

  test("a batch is created whole or not at all", async () => {
    const batch = { occurrences: [{ noteName: "projects/demo/notes/none", resourceUri: IMAGE, build: {} }] };
    const refused = await api.json("POST", "/v1/projects/batch/occurrences:batchCreate", batch);
    assert.equal(refused.status, 404);
    const notes = { notes: { one: { build: {} }, two: { image: { resourceUrl: "u", fingerprint: {} } } } };
    const created = await api.json("POST", "/v1/projects/batch/notes:batchCreate", notes);
    assert.equal(created.status, 200, JSON.stringify(created.body));
    const again = await api.json("POST", "/v1/projects/batch/notes:batchCreate", {
      notes: { three: { build: {} }, two: { build: {} } },
    });
    assert.equal(errorOf(again.body).status, "ALREADY_EXISTS");
    const { body } = await api.json("GET", "/v1/projects/batch/notes");
    assert.deepEqual(
      (body["notes"] as { name: string }[]).map(({ name }) => name.split("/").at(-1)),
      ["one", "two"],
    );
  });
});
