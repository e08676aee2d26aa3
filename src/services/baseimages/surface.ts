import { Readable } from "node:stream";
import type { ComposedRunImage, RefreshedRunImage } from "../../oci/base/base-image-updates.ts";
import { requireRuntime, UnknownRuntimeError } from "../../oci/base/runtimes.ts";
import { requireOwner } from "../../wire/credentials/require-owner.ts";
import { invalidArgument } from "../../wire/errors.ts";
import type { Surface } from "../../wire/service-module.ts";
import { errorBody, toApiError } from "../../wire/status.ts";
import type { BaseImagesApiDeps } from "./module.ts";

const LIST = "/v1/baseImages";
const REFRESH = "/v1/baseImages:refresh";

/** One line of the answer to a refresh: any number of `progress`, then `images` or `error`. */
export type RefreshLine =
  | { readonly progress: string }
  | { readonly images: readonly RefreshedRunImage[] }
  | { readonly error: string };

/** The answer to GET /v1/baseImages. */
export interface ListImagesResponse {
  readonly images: readonly ComposedRunImage[];
}

/**
 * GET /v1/baseImages, and POST /v1/baseImages:refresh with any number of `runtime` parameters, none of which stands for all. A
 * refresh answers at once with lines of JSON, and goes on when the client goes away.
 */
export function baseImagesSurface({ baseImageUpdates }: BaseImagesApiDeps): Surface {
  return {
    matches: (path, method) => (path === LIST && method === "GET") || (path === REFRESH && method === "POST"),
    async fetch(request, call) {
      try {
        requireOwner(call.principal);
        const url = new URL(request.url);
        if (url.pathname.endsWith(LIST)) return Response.json({ images: await baseImageUpdates.list() });
        const runtimes = url.searchParams.getAll("runtime").map(knownRuntime);
        return linesResponse((write) => refresh(runtimes, write));
      } catch (error) {
        const { httpStatus, body } = errorBody(toApiError(error));
        return Response.json(body, { status: httpStatus });
      }
    },
  };

  async function refresh(runtimes: readonly string[], write: (line: RefreshLine) => void): Promise<void> {
    const images = await baseImageUpdates.refresh(runtimes, (progress) => write({ progress }));
    write({ images });
  }
}

function knownRuntime(id: string): string {
  try {
    return requireRuntime(id).id;
  } catch (error) {
    if (!(error instanceof UnknownRuntimeError)) throw error;
    throw invalidArgument(error.message, [{ field: "runtime", description: error.message }]);
  }
}

function linesResponse(work: (write: (line: RefreshLine) => void) => Promise<void>): Response {
  const lines = new Readable({ read: () => {} });
  const write = (line: RefreshLine): void => {
    if (!lines.destroyed) lines.push(`${JSON.stringify(line)}\n`);
  };
  work(write)
    // Whoever refreshes runs the server: what went wrong is about the machine and its mirrors.
    .catch((error: unknown) => write({ error: error instanceof Error ? error.message : String(error) }))
    .finally(() => lines.push(null));
  const body = Readable.toWeb(lines) as ReadableStream<Uint8Array<ArrayBuffer>>;
  return new Response(body, { headers: { "content-type": "application/x-ndjson" } });
}
