import type { DescMethod, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Call } from "./call.ts";

/** Which audit log an RPC writes to (cloud.google.com/logging/docs/audit); "none" for calls Google does not audit. */
export type AuditKind = "ADMIN_WRITE" | "ADMIN_READ" | "DATA_READ" | "DATA_WRITE" | "none";

/** What an RPC declares besides its handler. */
export interface RpcPolicy {
  /** The IAM permission Google documents for the method; "none" where it documents that none is needed. */
  readonly permission: string;
  readonly audit: AuditKind;
}

/** The handler's type follows from the method's descriptor. */
export type Handle<Method extends DescMethod> = Method["methodKind"] extends "unary"
  ? (request: MessageShape<Method["input"]>, call: Call) => Promise<MessageInitShape<Method["output"]>>
  : Method["methodKind"] extends "server_streaming"
    ? (request: MessageShape<Method["input"]>, call: Call) => AsyncIterable<MessageInitShape<Method["output"]>>
    : Method["methodKind"] extends "client_streaming"
      ? (
          requests: AsyncIterable<MessageShape<Method["input"]>>,
          call: Call,
        ) => Promise<MessageInitShape<Method["output"]>>
      : (
          requests: AsyncIterable<MessageShape<Method["input"]>>,
          call: Call,
        ) => AsyncIterable<MessageInitShape<Method["output"]>>;

/** One implemented method. */
export interface Rpc {
  readonly method: DescMethod;
  readonly policy: RpcPolicy;
  readonly handle: ErasedHandle;
}

/** A handler once its types served their purpose: message or stream in, message or stream out, by methodKind. */
export type ErasedHandle = (request: never, call: Call) => Promise<unknown> | AsyncIterable<unknown>;

/** Declares the implementation of a method; types of request and response come from its descriptor. */
export function rpc<Method extends DescMethod>(method: Method, policy: RpcPolicy, handle: Handle<Method>): Rpc {
  return { method, policy, handle: handle as ErasedHandle };
}
