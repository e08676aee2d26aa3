import assert from "node:assert/strict";
import type { BootedApi } from "./boot-api.ts";
import { bootCloudBuild, createTestBuilder, type TestBuilder } from "./boot-cloudbuild.ts";
import { readableByDefaultAccount } from "./secret-access.ts";

/** A JSON object. */
export type Json = Record<string, unknown>;

/** Cloud Build with a builder for tests, and calls that check their status. */
export interface BuildCalls extends AsyncDisposable {
  readonly api: BootedApi;
  readonly builder: TestBuilder;
  /** Calls REST below /cloudbuild/v1; resolves with the answer's body. */
  call(method: string, path: string, body?: unknown, status?: number): Promise<Json>;
  /** Waits for the end of an operation's build and resolves with the build. */
  built(operation: Json): Promise<Json>;
}

/** Boots Cloud Build for one build at a time. */
export async function bootBuildCalls(): Promise<BuildCalls> {
  const builder = createTestBuilder();
  const api = await bootCloudBuild(builder, { parallelBuilds: 1 });
  return {
    api,
    builder,
    async call(method, path, body, status = 200) {
      const answer = await api.json(method, `/cloudbuild/v1/${path}`, body);
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      return answer.body;
    },
    async built(operation) {
      for (;;) {
        const { body } = await api.json("GET", `/cloudbuild/v1/${operation["name"] as string}`);
        if (body["done"]) return buildIn(body);
      }
    },
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

/** The build that an operation is about. */
export function buildIn(operation: Json): Json {
  return (operation["metadata"] as { build: Json }).build;
}

/** The message of an error's body. */
export function messageOf(body: Json): string {
  return (body["error"] as { message: string }).message;
}

/** Puts a secret with one version into Secret Manager. */
export async function putSecret(api: BootedApi, project: string, id: string, text: string): Promise<void> {
  const path = `/secretmanager/v1/projects/${project}/secrets`;
  const created = await api.json("POST", `${path}?secretId=${id}`, { replication: { automatic: {} } });
  assert.equal(created.status, 200, JSON.stringify(created.body));
  const payload = { data: Buffer.from(text).toString("base64") };
  assert.equal((await api.json("POST", `${path}/${id}:addVersion`, { payload })).status, 200);
  const readable = readableByDefaultAccount(project);
  assert.equal((await api.json("POST", `${path}/${id}:setIamPolicy`, readable)).status, 200);
}
