import type { Duplex } from "node:stream";
import type { Dispatcher } from "../dispatch.ts";
import type { AuthenticateCall } from "./grpc-call.ts";

export interface GrpcServer {
  /** Serves gRPC on a connection whose first bytes are those of HTTP/2; TLS already ended. */
  handleConnection(connection: Duplex): void;
  close(): void;
}

/** Serves every method of the dispatcher over gRPC. Made when the first client comes: a start need not wait for the library. */
export function createGrpcServer(dispatcher: Dispatcher, authenticate: AuthenticateCall): GrpcServer {
  let server: Promise<GrpcServer> | undefined;
  const make = async () => {
    const { createGrpcJsServer } = await import("./grpc-js-server.ts");
    return createGrpcJsServer(dispatcher, authenticate);
  };
  return {
    handleConnection(connection) {
      server ??= make();
      void server.then((made) => made.handleConnection(connection));
    },
    close: () => void server?.then((made) => made.close()),
  };
}
