import { credentials } from "@grpc/grpc-js";
import type { ServicesClient } from "@google-cloud/run";
import { PassThroughClient } from "google-auth-library";
import type { BootedRun } from "./boot-run.ts";

/** Options of Google's clients for a booted server; without credentials a local caller is the machine's owner. */
export function clientOptions({ api }: BootedRun, transport: string): ConstructorParameters<typeof ServicesClient>[0] {
  const [host, port] = api.grpcAddress.split(":") as [string, string];
  const authClient = new PassThroughClient();
  const base = { apiEndpoint: host, port: Number(port), projectId: "demo" };
  if (transport === "gRPC") return { ...base, sslCreds: credentials.createInsecure(), authClient };
  return { ...base, fallback: true, protocol: "http", authClient };
}
