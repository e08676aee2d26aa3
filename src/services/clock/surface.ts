import { requireOwner } from "../../wire/credentials/require-owner.ts";
import { failedPrecondition, invalidArgument } from "../../wire/errors.ts";
import type { Surface } from "../../wire/service-module.ts";
import { errorBody, toApiError } from "../../wire/status.ts";
import type { ClockApiDeps } from "./module.ts";

const CLOCK = "/v1/clock";
const ADVANCE = "/v1/clock:advance";
const LONGEST_ADVANCE_MS = 100 * 366 * 86_400_000;

/** The answer of both methods. */
export interface ClockResource {
  /** The services' time, RFC 3339. */
  readonly time: string;
  readonly mode: "SYSTEM" | "MANUAL";
  /** How far it is ahead of real time, for example "600s". */
  readonly ahead: string;
}

/**
 * GET /v1/clock, and POST /v1/clock:advance with {"duration": "600s"} or {"time": "2030-01-01T00:00:00Z"}, which answers when
 * everything that fell due on the way is done and stops where it is when the client goes away.
 */
export function clockSurface({ clock, testClock }: ClockApiDeps): Surface {
  const resource = (): ClockResource => ({
    time: new Date(clock.nowMs()).toISOString(),
    mode: testClock ? "MANUAL" : "SYSTEM",
    ahead: `${(testClock?.aheadMs() ?? 0) / 1000}s`,
  });
  return {
    matches: (path, method) => (path === CLOCK && method === "GET") || (path === ADVANCE && method === "POST"),
    async fetch(request, { principal, signal }) {
      try {
        requireOwner(principal);
        if (request.method === "POST") {
          if (!testClock) throw failedPrecondition("Time can be advanced on a server with --clock=manual only.");
          await testClock.advance(advanceMsOf(await bodyOf(request), testClock.nowMs()), signal);
        }
        return Response.json(resource());
      } catch (error) {
        const { httpStatus, body } = errorBody(toApiError(error));
        return Response.json(body, { status: httpStatus });
      }
    },
  };
}

async function bodyOf(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await request.json().catch(() => undefined);
  if (typeof body === "object" && body !== null) return body as Record<string, unknown>;
  throw invalidArgument("The body is no JSON object.");
}

/** How far to go; exactly one of the two fields says it. */
function advanceMsOf(body: Readonly<Record<string, unknown>>, nowMs: number): number {
  const unknown = Object.keys(body).find((field) => field !== "duration" && field !== "time");
  if (unknown !== undefined) throw invalid(unknown, `Unknown name "${unknown}".`);
  const { duration, time } = body;
  if ((duration === undefined) === (time === undefined))
    throw invalidArgument("Exactly one of duration and time is needed.");
  const text = duration ?? time;
  if (typeof text !== "string") throw invalidArgument("A duration and a time are texts.");
  const ms = duration === undefined ? Date.parse(text) - nowMs : durationMsOf(text);
  if (ms >= 0 && ms <= LONGEST_ADVANCE_MS) return ms;
  const field = duration === undefined ? "time" : "duration";
  throw invalid(field, "Time only goes forward, by 100 years at most.");
}

function durationMsOf(text: string): number {
  const [, seconds] = /^(\d{1,12}(?:\.\d{1,9})?)s$/.exec(text) ?? [];
  if (seconds !== undefined) return Math.ceil(Number(seconds) * 1000);
  throw invalid("duration", `${JSON.stringify(text)} is no duration, such as "600s".`);
}

function invalid(field: string, description: string) {
  return invalidArgument(description, [{ field, description }]);
}
