import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { CliError } from "../cli-error.ts";
import { apiUrlOf } from "../server/running-server.ts";
import type { ServerState } from "../server/state-file.ts";

/** A client of the server's REST APIs, like any other. */
export interface ApiClient {
  /** Calls a method; `path` begins with the API's name: "/cloudfunctions/v2/...". Rejects with Google's message. */
  call<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Calls a method that answers with lines of JSON, as they come. */
  lines<Line>(method: string, path: string): AsyncIterable<Line>;
  /** The same as call, but undefined for NOT_FOUND. */
  find<Answer>(path: string): Promise<Answer | undefined>;
}

interface ErrorBody {
  readonly error?: { readonly code: number; readonly message: string; readonly status: string };
}

export function createApiClient(state: ServerState): ApiClient {
  const send = async (method: string, path: string, body?: unknown) => {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const response = await fetch(`${apiUrlOf(state)}${path}`, { method, ...init });
    const text = await response.text();
    return { status: response.status, json: text ? (JSON.parse(text) as unknown) : {} };
  };
  return {
    async call<Answer>(method: string, path: string, body?: unknown) {
      const { status, json } = await send(method, path, body);
      if (status >= 400) throw apiError(status, json as ErrorBody);
      return json as Answer;
    },
    async *lines<Line>(method: string, path: string) {
      const response = await fetch(`${apiUrlOf(state)}${path}`, { method });
      if (response.status >= 400) throw apiError(response.status, (await response.json()) as ErrorBody);
      const input = Readable.fromWeb(response.body!);
      for await (const line of createInterface({ input })) yield JSON.parse(line) as Line;
    },
    async find<Answer>(path: string) {
      const { status, json } = await send("GET", path);
      if (status === 404) return undefined;
      if (status >= 400) throw apiError(status, json as ErrorBody);
      return json as Answer;
    },
  };
}

function apiError(status: number, { error }: ErrorBody): CliError {
  return new CliError(error ? `${error.status}: ${error.message}` : `the server answered ${status}`);
}
