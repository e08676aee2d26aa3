import type { Duplex } from "node:stream";
import type { Registry } from "@bufbuild/protobuf";
import { type Clock, systemClock } from "../platform/clock.ts";
import type { Ids } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import type { Blobs } from "../platform/blobs/blobs.ts";
import type { Store } from "../platform/store/store.ts";
import type { WorkTracker } from "../platform/work-tracker.ts";
import { createWakeups } from "../platform/wakeups/create-wakeups.ts";
import type { WakeupDriver } from "../platform/wakeups/wakeups.ts";
import { createAnyRegistry, createApi } from "../wire/api.ts";
import { createCallMaker } from "../wire/call-maker.ts";
import { createAccountTokens } from "../wire/credentials/account-tokens.ts";
import { createAuthenticate } from "../wire/credentials/authenticate.ts";
import { createRevocations } from "../wire/credentials/revocations.ts";
import { credentialMigrations } from "../wire/credentials/service-accounts/migrations.ts";
import { createServiceAccounts } from "../wire/credentials/service-accounts/service-accounts.ts";
import type { TokenIssuer } from "../wire/credentials/tokens.ts";
import type { Dispatcher } from "../wire/dispatch.ts";
import { createGrpcServer, type GrpcServer } from "../wire/grpc/grpc-server.ts";
import { type ApiHandler, createApiHandler } from "../wire/http/api-handler.ts";
import { unimplemented } from "../wire/errors.ts";
import { createInProcessFetch } from "../wire/http/in-process-fetch.ts";
import { createOutgoing, type Outgoing } from "../wire/http/outgoing.ts";
import { createAccess } from "../wire/iam/access/access.ts";
import { createPolicies, policyMigrations } from "../wire/iam/policies.ts";
import { createPolicyReader } from "../wire/iam/policy-reader.ts";
import { createCustomRoles, customRoleMigrations } from "../wire/iam/roles/custom-roles.ts";
import { createClients } from "../wire/in-process/client.ts";
import type { TakeLogEntries } from "../wire/log-intake.ts";
import { operationMigrations } from "../wire/operations/migrations.ts";
import { type Audit, createAudit } from "../wire/audit/audit.ts";
import { createOperationAudits } from "../wire/audit/operation-audits.ts";
import { canAudit } from "../wire/interceptors/audit.ts";
import { createOperations, type LongRunningOperations } from "../wire/operations/operations.ts";
import { createProjects, projectMigrations, type Projects } from "../wire/projects/projects.ts";
import type { Addresses, ServiceDeps } from "../wire/service-deps.ts";
import type { ServiceModule } from "../wire/service-module.ts";

export interface AssembleOptions {
  readonly store: Store;
  readonly blobs: Blobs;
  /** The services' time. */
  readonly clock: Clock;
  /** That of credentials; the services' unless told. */
  readonly realClock?: Clock;
  /** Hears of requests that services make, where a test clock has to know. */
  readonly workTracker?: WorkTracker | undefined;
  readonly ids: Ids;
  readonly log: Log;
  readonly tokens: TokenIssuer;
  readonly addresses: Addresses;
  /** Opens a connection to ingress inside this process; without it, ingress is called at its address. */
  readonly connectIngress?: () => Duplex;
  /** Makes the modules to serve; called once. */
  readonly defineModules: (deps: ServiceDeps) => readonly ServiceModule[];
}

/** Services put together behind their transports. */
export interface Api extends AsyncDisposable {
  readonly modules: readonly ServiceModule[];
  readonly deps: ServiceDeps;
  readonly wakeups: WakeupDriver;
  readonly handle: ApiHandler;
  readonly grpc: GrpcServer;
  /** Migrates, fills caches, then starts the reconcilers; call once before the first request. */
  start(): Promise<void>;
}

/** What is made of the modules, which ask for it once they run. */
interface Late {
  modules: readonly ServiceModule[];
  registry?: Registry;
  dispatcher?: Dispatcher;
  audit?: Audit | undefined;
}

/** Joins services, dispatcher and transports; no service and no product is known here. */
export async function assembleApi(options: AssembleOptions): Promise<Api> {
  const { store, clock, ids, log, realClock = clock } = options;
  const wakeups = await createWakeups(store, { clock, ids, log });
  const late: Late = { modules: [] };
  const operationAudits = createOperationAudits({
    audit: () => late.audit!,
    operations: () => operations,
    registry: () => late.registry!,
  });
  const operations: LongRunningOperations = createOperations({
    store,
    clock,
    registry: () => late.registry!,
    onDone: (operation, note) => void operationAudits.ended(operation, note),
  });
  const policies = createPolicies(store);
  const projects = createProjects(store, clock);
  const { serviceAccounts, tokens } = openCredentials(options, projects, realClock);
  const customRoles = createCustomRoles(store);
  const access = createAccess({ clock: realClock, customRoles, policyOf: createPolicyReader(policies, projects) });
  const outgoing = trackedOutgoing(createOutgoing({ ...options, clock: systemClock }), options.workTracker);
  const deps: ServiceDeps = {
    ...options,
    realClock,
    wakeups,
    operations,
    policies,
    customRoles,
    access,
    projects,
    tokens,
    serviceAccounts,
    outgoing,
    ...waysIn(late, options),
  };
  const modules = options.defineModules(deps);
  const registry = createAnyRegistry(modules);
  const audit = canAudit(modules.flatMap(({ services }) => services)) ? createAudit(deps) : undefined;
  const own = { log: log.child({ subsystem: "api" }), audit, operationAudits, registry: () => registry };
  const dispatcher = createApi(modules, { ...deps, ...own });
  Object.assign(late, { modules, registry, dispatcher, audit });

  const makeCall = createCallMaker(createAuthenticate(tokens), ids);
  return {
    modules,
    deps,
    wakeups,
    handle: createApiHandler({ modules, dispatcher, registry, makeCall, log, audit }),
    grpc: createGrpcServer(dispatcher, makeCall),
    start: () => start(deps, wakeups, modules),
    async [Symbol.asyncDispose]() {
      for (const module of modules) await module.stop?.();
      await wakeups[Symbol.asyncDispose]();
      await outgoing[Symbol.asyncDispose]();
    },
  };
}

function trackedOutgoing(outgoing: Outgoing, tracker: WorkTracker | undefined): Outgoing {
  if (!tracker) return outgoing;
  return {
    send: (request) => tracker.track(outgoing.send(request)),
    [Symbol.asyncDispose]: () => outgoing[Symbol.asyncDispose](),
  };
}

async function start({ store, projects }: ServiceDeps, wakeups: WakeupDriver, modules: readonly ServiceModule[]) {
  await migrate(store, modules);
  await projects.load();
  for (const module of modules) await module.start?.();
  const reconcilers = Object.assign({}, ...modules.map((module) => module.reconcilers ?? {}));
  wakeups.start(
    reconcilers,
    modules.flatMap((module) => module.scans ?? []),
    Object.assign({}, ...modules.map((module) => module.parallelRuns ?? {})),
  );
}

/** How services call each other, whose modules are there once they do. */
function waysIn(late: Late, { ids, addresses }: Pick<AssembleOptions, "ids" | "addresses">) {
  const newRequestId = () => ids.uuid();
  return {
    clients: createClients(
      () => late.dispatcher!,
      newRequestId,
      () => addresses.api,
    ),
    takeLogEntries: ((entries) => takerOfLogEntries(late.modules)(entries)) satisfies TakeLogEntries,
    fetchInProcess: createInProcessFetch(
      () => late.modules,
      newRequestId,
      () => late.audit,
    ),
  };
}

function takerOfLogEntries(modules: readonly ServiceModule[]): TakeLogEntries {
  const taker = modules.find(({ takeLogEntries }) => takeLogEntries !== undefined);
  // As a call of WriteLogEntries is, where Cloud Logging is not served.
  if (!taker) throw unimplemented("Method google.logging.v2.LoggingServiceV2.WriteLogEntries");
  return taker.takeLogEntries!;
}

/** Credentials live in real time, like those who get them. */
function openCredentials({ store, tokens: issuer }: AssembleOptions, projects: Projects, clock: Clock) {
  const serviceAccounts = createServiceAccounts({ store, clock, projects });
  const revocations = createRevocations(store, clock);
  return { serviceAccounts, tokens: createAccountTokens({ issuer, serviceAccounts, revocations, clock }) };
}

async function migrate(store: Store, modules: readonly ServiceModule[]): Promise<void> {
  await store.migrate("wire.operations", operationMigrations);
  await store.migrate("wire.iam", policyMigrations);
  await store.migrate("wire.iam.roles", customRoleMigrations);
  await store.migrate("wire.projects", projectMigrations);
  await store.migrate("wire.credentials", credentialMigrations);
  for (const module of modules) await store.migrate(module.name, module.migrations ?? []);
}
