import { toBinary } from "@bufbuild/protobuf";
import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { StatusSchema } from "../../gen/google/rpc/status_pb.js";
import { statusOf, toApiError } from "../status.ts";

/** The gRPC form of any thrown value: code, message, and the google.rpc.Status in grpc-status-details-bin. */
export function grpcErrorOf(thrown: unknown): Partial<StatusObject> {
  const error = toApiError(thrown);
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, statusOf(error))));
  // google.rpc.Code and gRPC status codes are the same numbers by definition.
  const code: number = error.code;
  return { code, details: error.message, metadata };
}
