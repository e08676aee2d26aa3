import type { Blobs } from "../platform/blobs/blobs.ts";
import type { Clock } from "../platform/clock.ts";
import type { Ids } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import type { Store } from "../platform/store/store.ts";
import type { Wakeups } from "../platform/wakeups/wakeups.ts";
import type { Principal } from "./credentials/principal.ts";
import type { ServiceAccounts } from "./credentials/service-accounts/service-accounts.ts";
import type { Tokens } from "./credentials/tokens.ts";
import type { Access } from "./iam/access/access.ts";
import type { Policies } from "./iam/policies.ts";
import type { CustomRoles } from "./iam/roles/custom-roles.ts";
import type { Outgoing } from "./http/outgoing.ts";
import type { Clients } from "./in-process/client.ts";
import type { TakeLogEntries } from "./log-intake.ts";
import type { LongRunningOperations } from "./operations/operations.ts";
import type { Projects } from "./projects/projects.ts";

/**
 * What every service may ask for; each module declares the part it uses, for example
 * `Pick<ServiceDeps, "store" | "clients">`, and adds what it needs of the floors below.
 */
export interface ServiceDeps {
  readonly store: Store;
  readonly wakeups: Wakeups;
  readonly blobs: Blobs;
  /** The services' time, which a test may have moved ahead of real time. */
  readonly clock: Clock;
  /** Real time, which clients and containers live in: for what they sign, and for the credentials they get. */
  readonly realClock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly operations: LongRunningOperations;
  readonly policies: Policies;
  /** Decides who may do what. */
  readonly access: Access;
  readonly customRoles: CustomRoles;
  readonly projects: Projects;
  readonly tokens: Tokens;
  readonly serviceAccounts: ServiceAccounts;
  /** Clients of the server's other services. */
  readonly clients: Clients;
  /** The way of great numbers of entries into the server's Cloud Logging. */
  readonly takeLogEntries: TakeLogEntries;
  /** Calls a surface without proto (OCI distribution, GCS JSON) of the server in process; the URL's host selects the service. */
  readonly fetchInProcess: (request: Request, as: Principal) => Promise<Response>;
  /** Requests on users' behalf: to functions and services of this server, and into the world. */
  readonly outgoing: Outgoing;
  /** Public addresses of this server, for links in answers and for what runs inside instances. */
  readonly addresses: Addresses;
}

export interface Addresses {
  /** "http://127.0.0.1:8484" */
  readonly api: string;
  /** "http://127.0.0.1:8485" */
  readonly ingress: string;
}
