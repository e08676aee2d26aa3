import type { EventEmitter } from "node:events";
import type { Message } from "@bufbuild/protobuf";
import type { ServerDuplexStream, ServerReadableStream, ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import type { Call } from "../call.ts";
import type { CallMaker } from "../call-maker.ts";

/** Any kind of call that @grpc/grpc-js hands out. */
export type ServerCall =
  | ServerUnaryCall<Message, Message>
  | ServerReadableStream<Message, Message>
  | ServerWritableStream<Message, Message>
  | ServerDuplexStream<Message, Message>;

/** Turns what is known of a request into a Call, checking its credential. */
export type AuthenticateCall = CallMaker;

/** The Call of a gRPC request; its signal aborts when the client cancels or the deadline passes. */
export async function callOf(serverCall: ServerCall, authenticate: AuthenticateCall): Promise<Call> {
  const abort = new AbortController();
  (serverCall as EventEmitter).on("cancelled", () => abort.abort());
  const header = (name: string) => serverCall.metadata.get(name).at(0)?.toString();
  return authenticate({
    authorization: header("authorization"),
    origin: originOf(serverCall.getHost()),
    callerIp: serverCall.getPeer().replace(/:\d+$/, ""),
    userAgent: header("user-agent") ?? "",
    signal: abort.signal,
  });
}

/** Google's names are reached by TLS only; any other one leads to the port that speaks plain HTTP, too. */
function originOf(host: string): string {
  return `${/\.(googleapis\.com|pkg\.dev)(:\d+)?$/.test(host) ? "https" : "http"}://${host}`;
}
