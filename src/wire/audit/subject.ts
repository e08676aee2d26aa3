import type { JsonObject } from "@bufbuild/protobuf";
import type { AuditKind } from "../rpc.ts";

/** What a call does to what, as audit logs name it. */
export interface AuditSubject {
  /** "pubsub.googleapis.com" */
  readonly serviceName: string;
  /** "google.pubsub.v1.Publisher.CreateTopic", or what else Google's API calls it in its logs. */
  readonly methodName: string;
  readonly resourceName: string;
  /** Id of the project whose log gets the entry; undefined for what no project has. */
  readonly project: string | undefined;
  /** Where the resource is, if its name does not say it. */
  readonly location?: string | undefined;
}

/** A call of a surface without proto, as its audit entry tells it. */
export interface SurfaceAudit extends Omit<AuditSubject, "project" | "location"> {
  readonly kind: AuditKind;
  readonly permission: string;
  /** Where the resource is; asked for before the call. */
  readonly place: () => Promise<Pick<AuditSubject, "project" | "location">>;
  /** The resource's name, of one that only the answer tells. */
  readonly nameIn?: (answer: JsonObject) => string | undefined;
  /** Bodies are small JSON, and go into the entry; each with the message type that it has. */
  readonly bodies?: { readonly request: string; readonly response: string };
}

/** The project in a resource's name; undefined where it names none. */
export function projectOfName(resourceName: string): string | undefined {
  const account = /\/serviceAccounts\/[^@]+@([^./]+)\.iam\.gserviceaccount\.com/.exec(resourceName)?.[1];
  const project = /^projects\/([^/]+)/.exec(resourceName)?.[1];
  return project === "-" || project === "_" ? account : project;
}
