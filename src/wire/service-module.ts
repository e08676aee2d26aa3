import type { DescFile, DescMethod, DescService, Message } from "@bufbuild/protobuf";
import type { Migration } from "../platform/store/store.ts";
import type { TimeDriven } from "../platform/test-clock.ts";
import type { Reconcile, Scan } from "../platform/wakeups/wakeups.ts";
import type { AuditSubject, SurfaceAudit } from "./audit/subject.ts";
import type { Call } from "./call.ts";
import type { TakeLogEntries } from "./log-intake.ts";
import type { Rpc } from "./rpc.ts";

/** The index page of a Google API: what a folder of services/ exports from module.ts. */
export interface ServiceModule {
  /** First label of the API's host, also its path prefix on a shared port: "cloudfunctions". */
  readonly name: string;
  /** The API's own paths begin with its name ("/storage/v1/b"), so on a shared port it has no prefix of its own. */
  readonly pathsBeginWithName?: boolean;
  /** Proto services served at this host; their methods without an Rpc answer UNIMPLEMENTED by name. */
  readonly services: readonly DescService[];
  readonly rpcs: readonly Rpc[];
  /** Files whose messages may travel inside google.protobuf.Any in answers of this service. */
  readonly anyTypes?: readonly DescFile[];
  /** REST versions that answer as another one: { v2beta: "v2" }. */
  readonly versionAliases?: Readonly<Record<string, string>>;
  /** The REST versions under which the Operations and Locations mixins are served, for example ["v2"]. */
  readonly mixinVersions?: readonly string[];
  /** The REST versions under which IAM policies of `iamResources` are served; absent: `mixinVersions`. */
  readonly iamVersions?: readonly string[];
  /** Resources with IAM policies over the google.iam.v1.IAMPolicy mixin. */
  readonly iamResources?: readonly IamResource[];
  readonly surfaces?: readonly Surface[];
  readonly migrations?: readonly Migration[];
  readonly reconcilers?: Readonly<Record<string, Reconcile>>;
  /** How many keys of a kind are reconciled at the same time, for kinds whose work takes long; 16 for the others. */
  readonly parallelRuns?: Readonly<Record<string, number>>;
  readonly scans?: readonly Scan[];
  /** What cancelling an operation of this service does; absent: UNIMPLEMENTED. Gets the operation's name. */
  readonly cancelOperation?: (name: string, call: Call) => Promise<void>;
  /** Keeps log entries of the others; one module's business. */
  readonly takeLogEntries?: TakeLogEntries;
  /** What does work at certain times by itself, beyond reconcilers and timers of the clock; a test clock asks it. */
  readonly timeDriven?: TimeDriven;
  /**
   * What audit logs call one of its RPCs where that does not follow from the method and its request; asked before the call,
   * for calls that may be written down.
   */
  readonly auditSubject?: (method: DescMethod, request: Message) => Promise<Partial<AuditSubject>>;
  /** Runs once before requests are accepted: fills caches from the store. */
  readonly start?: () => Promise<void>;
  /** Ends what runs on its own, before the reconcilers end; what it leaves undone is found at the next start. */
  readonly stop?: () => Promise<void>;
}

/** A part of an API that has no proto (GCS JSON and XML, Knative v1, OCI distribution): web-standard request in, response out. */
export interface Surface {
  /** Whether this surface answers the path (no query, prefix removed), for example /^\/storage\/v1\//. */
  readonly matches: (path: string, method: string) => boolean;
  readonly fetch: (request: Request, call: Call) => Promise<Response>;
  /** What a request does, for the audit log; undefined for what is not written down. Cheap: it is asked for every request. */
  readonly audit?: (request: Request) => SurfaceAudit | undefined;
  /** Host names besides NAME.googleapis.com that lead to this surface, for example /-docker\.pkg\.dev$/. */
  readonly hosts?: RegExp;
}

/** A collection whose resources have IAM policies. */
export interface IamResource {
  /** Matches full resource names. */
  readonly pattern: RegExp;
  /** Path template of the resource, for REST: "projects/*\/locations/*\/functions/*". */
  readonly template: string;
  /** Rejects with NOT_FOUND when the resource does not exist. */
  readonly assertExists: (resource: string) => Promise<void>;
}
