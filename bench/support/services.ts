import { deploy, LOCATION } from "../../tests/support/real-functions.ts";
import type { RealServer } from "../../tests/support/real-server.ts";

export type Json = Record<string, unknown>;

/** Deploys a Node.js function unless it is there, and resolves with its service's container, which others may run from. */
export async function functionContainer(server: RealServer, name: string, code: string): Promise<Json> {
  const known = await serviceOn(server, name);
  if (known === undefined) await deploy(server, name, { code });
  const service = known ?? (await serviceOn(server, name))!;
  return (service["template"] as { containers: [Json] }).containers[0];
}

/** Creates a service that everybody may invoke, or changes it to this, and resolves with it once that is done. */
export async function putService(server: RealServer, name: string, service: Json): Promise<Json> {
  const path = `/run/v2/${LOCATION}/services`;
  const body = { invokerIamDisabled: true, ...service };
  const known = await serviceOn(server, name);
  const answer =
    known === undefined
      ? await server.json("POST", `${path}?serviceId=${name}`, body)
      : await server.json("PATCH", `${path}/${name}`, body);
  if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  const waited = await server.json("POST", `/run/v2/${String(answer.body["name"])}:wait`, { timeout: "60s" });
  const { done, error } = waited.body;
  if (error || !done) throw new Error(JSON.stringify(error ?? waited.body));
  return (await serviceOn(server, name))!;
}

/** A service as it is now; undefined when there is none. */
export async function serviceOn(server: RealServer, name: string): Promise<Json | undefined> {
  const { status, body } = await server.json("GET", `/run/v2/${LOCATION}/services/${name}`);
  return status === 200 ? body : undefined;
}
