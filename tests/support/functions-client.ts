import assert from "node:assert/strict";
export { ANSWERING, CRASHING } from "../../src/services/run/testing/process-serving.ts";
import { ANSWERING } from "../../src/services/run/testing/process-serving.ts";
import type { BootedFunctions, FunctionJson, Json } from "./boot-functions.ts";

/** Where the functions of these tests live. */
export const PARENT = "projects/demo/locations/us-central1";

interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** The Functions API as gcloud calls it. */
export interface FunctionsClient {
  /** The body that gcloud sends for a function that answers with `answer`. */
  bodyOf(id: string, answer: string, program?: string, more?: Json): FunctionJson;
  create(id: string, body: Json): Promise<Answer>;
  get(id: string): Promise<FunctionJson>;
  patch(id: string, body: Json, mask: string): Promise<Answer>;
  remove(id: string): Promise<Answer>;
  /** Creates a function and resolves once it is ACTIVE. */
  deployed(id: string, answer: string): Promise<FunctionJson>;
}

/** Calls the functions of `booted`; new functions get the source that `source` holds then. */
export function functionsClient(booted: BootedFunctions, source: { current: Json }): FunctionsClient {
  const { api } = booted;
  const path = `/cloudfunctions/v2/${PARENT}/functions`;
  const client: FunctionsClient = {
    bodyOf: (id, answer, program = ANSWERING, more = {}) =>
      ({
        name: `${PARENT}/functions/${id}`,
        labels: { "deployment-tool": "cli-gcloud" },
        buildConfig: {
          runtime: "nodejs22",
          entryPoint: "hello",
          environmentVariables: {},
          source: { storageSource: source.current },
        },
        serviceConfig: { environmentVariables: { PROGRAM: program, ANSWER: answer } },
        ...more,
      }) as unknown as FunctionJson,
    create: (id, body) => api.json("POST", `${path}?functionId=${id}`, body),
    get: async (id) => (await api.json("GET", `${path}/${id}`)).body as FunctionJson,
    patch: (id, body, mask) => api.json("PATCH", `${path}/${id}?updateMask=${mask}`, body),
    remove: (id) => api.json("DELETE", `${path}/${id}`),
    async deployed(id, answer) {
      const operation = await booted.wait(await client.create(id, client.bodyOf(id, answer)));
      assert.equal(operation["error"], undefined);
      return operation["response"] as FunctionJson;
    },
  };
  return client;
}

/** HTTP status and message of a refusal. */
export function messageOf({ status, body }: Answer): string {
  return `${status} ${(body["error"] as { message: string } | undefined)?.message}`;
}
