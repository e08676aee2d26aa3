import { create, type JsonObject } from "@bufbuild/protobuf";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { StatusSchema } from "../../gen/google/rpc/status_pb.js";
import type { Audit } from "../audit/audit.ts";
import { typed } from "../audit/message-json.ts";
import type { Call } from "../call.ts";
import { codeOfHttpStatus } from "../http-status.ts";
import type { Surface } from "../service-module.ts";

/** Bodies larger than this are not looked at, bytes. */
const MAX_BODY = 64 * 1024;

/** A part of a resumable upload has come; the upload is audited when it ends. */
const RESUME_INCOMPLETE = 308;

/** Lets a surface answer, and writes the audit entry of what it says the request does. */
export async function auditedFetch(
  audit: Audit | undefined,
  surface: Surface,
  request: Request,
  call: Call,
): Promise<Response> {
  const about = audit && surface.audit?.(request);
  if (!about || !(await audit.mayWant(about.kind, call))) return surface.fetch(request, call);
  const { place, bodies, nameIn, kind, permission, ...subject } = about;
  const placed = await place();
  if (placed.project === undefined) return surface.fetch(request, call);
  const asked = bodies && request.clone();
  const answer = await surface.fetch(request, call);
  if (answer.status === RESUME_INCOMPLETE) return answer;
  const failure = answer.status >= 400 ? await errorOf(answer.clone()) : undefined;
  const requestJson = asked && (await jsonOf(asked));
  const isTold = !failure && (nameIn ?? (kind === "ADMIN_WRITE" && bodies));
  const responseJson = isTold ? await jsonOf(answer.clone()) : undefined;
  const resourceName = (responseJson && nameIn?.(responseJson)) ?? subject.resourceName;
  await audit.write({
    subject: { ...subject, ...placed, resourceName },
    kind,
    permission,
    caller: call,
    ...(failure && { status: create(StatusSchema, failure) }),
    bodies: () => ({
      request: requestJson && typed(bodies.request, requestJson),
      response: responseJson && bodies && typed(bodies.response, responseJson),
    }),
  });
  return answer;
}

/** Code and message of an error in Google's JSON, or what the HTTP status says. */
async function errorOf(answer: Response): Promise<{ code: Code; message: string }> {
  const error = (await jsonOf(answer))?.["error"] as { status?: string; message?: string } | undefined;
  const named = error?.status === undefined ? undefined : Code[error.status as keyof typeof Code];
  return { code: named ?? codeOfHttpStatus(answer.status), message: error?.message ?? "" };
}

/** A small JSON object; undefined for any other body, which is then let go. */
async function jsonOf(body: Request | Response): Promise<JsonObject | undefined> {
  try {
    if (!isSmallJson(body)) {
      await body.body?.cancel();
      return undefined;
    }
    const json: unknown = await body.json();
    return typeof json === "object" && json !== null && !Array.isArray(json) ? (json as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** What answers with JSON has it in memory anyway; a request tells its length or is not looked at. */
function isSmallJson(body: Request | Response): boolean {
  const length = Number(body.headers.get("content-length") ?? (body instanceof Response ? 0 : Infinity));
  return length <= MAX_BODY && /^application\/json\b/.test(body.headers.get("content-type") ?? "application/json");
}
