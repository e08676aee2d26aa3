import type { IncomingMessage, ServerResponse } from "node:http";
import type { Message, Registry } from "@bufbuild/protobuf";
import type { Call } from "../call.ts";
import type { Dispatcher, Payload } from "../dispatch.ts";
import { errorBody, toApiError } from "../status.ts";
import { readBody } from "./read-body.ts";
import { decodeRequest } from "./request.ts";
import { encodeResponse, type EncodedResponse, type JsonStyle, jsonResponse, jsonStyleOf } from "./response.ts";
import type { RestMatch } from "./router.ts";

/** Largest REST request body, bytes. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

export interface RestDeps {
  readonly dispatcher: Dispatcher;
  readonly registry: Registry;
}

/** Answers one matched REST call; errors become Google's JSON error bodies. */
export async function handleRest(
  deps: RestDeps,
  match: RestMatch,
  exchange: { request: IncomingMessage; response: ServerResponse; query: URLSearchParams; call: () => Promise<Call> },
): Promise<void> {
  const style = jsonStyleOf(exchange.query);
  try {
    const body = await readBody(exchange.request, MAX_BODY_BYTES);
    const contentType = exchange.request.headers["content-type"] ?? "";
    const message = decodeRequest(match, exchange.query, { body, contentType }, deps.registry);
    const answer = await deps.dispatcher.dispatch(match.binding.method, message, await exchange.call());
    await sendAnswer(deps, match, style, exchange.response, answer);
  } catch (thrown) {
    sendError(exchange.response, thrown, style, deps.registry);
  }
}

/** Sends any thrown value as Google's JSON error body, if nothing was sent yet. */
export function sendError(response: ServerResponse, thrown: unknown, style: JsonStyle, registry: Registry): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const error = toApiError(thrown);
  const { httpStatus, body } = errorBody(error, registry);
  send(response, httpStatus, jsonResponse(body, style.pretty));
}

async function sendAnswer(
  deps: RestDeps,
  { binding }: RestMatch,
  style: JsonStyle,
  response: ServerResponse,
  answer: Payload,
): Promise<void> {
  const encode = (message: Message) => encodeResponse(binding.method.output, message, style, deps.registry);
  if (Symbol.asyncIterator in answer) return sendStream(response, answer as AsyncIterable<Message>, encode);
  send(response, 200, encode(answer));
}

/** Streams answers as elements of one JSON array, as Google's REST front end does for server-streaming methods. */
async function sendStream(
  response: ServerResponse,
  answers: AsyncIterable<Message>,
  encode: (message: Message) => EncodedResponse,
): Promise<void> {
  let separator = "[";
  for await (const answer of answers) {
    if (!response.headersSent) response.writeHead(200, { "content-type": "application/json; charset=UTF-8" });
    response.write(separator);
    response.write(encode(answer).body);
    separator = ",\n";
  }
  response.end(separator === "[" ? "[]" : "]");
}

function send(response: ServerResponse, status: number, { contentType, body }: EncodedResponse): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    vary: "Origin, X-Origin, Referer",
    "cache-control": "private",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}
