import { fromJson, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { type Revision, RevisionSchema } from "../../gen/google/cloud/run/v2/revision_pb.js";
import { type Service, ServiceSchema } from "../../gen/google/cloud/run/v2/service_pb.js";
import type { ResourceQuery, ResourceRow } from "../../platform/store/resource-table.ts";
import type { Store, StoreTransaction } from "../../platform/store/store.ts";
import { rowOf } from "./resource-row.ts";
import { type ChangeLog, createChangeLog } from "./changes/change-log.ts";
import { decodedRows } from "./decoded-rows.ts";
import { createWatchedTable, type WatchedRow } from "./changes/watched-table.ts";

/** Labels and annotations of v1 in system namespaces that no field of v2 stands for; shown in v1 only. */
export interface HiddenMetadata {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What is kept of a service beside its v2 message. */
export interface HiddenService {
  /** Id of the operation of the last change; v1 shows it as an annotation. */
  readonly operationId: string;
  readonly metadata: HiddenMetadata;
  readonly template: HiddenMetadata;
}

/** A stored service; `version` grows with each write and is the base of etags. */
export interface ServiceRecord {
  readonly service: Service;
  readonly hidden: HiddenService;
  readonly version: number;
  /** Number of the change that wrote it, the base of v1's resource versions; absent before it is stored. */
  readonly sequence?: number;
}

/** A stored revision. */
export interface RevisionRecord {
  readonly revision: Revision;
  readonly hidden: HiddenMetadata;
  /** The image that it runs on since its base image was updated, by digest. */
  readonly rebasedImage?: string | undefined;
  readonly version: number;
  /** As for services. */
  readonly sequence?: number;
}

export const NO_HIDDEN_METADATA: HiddenMetadata = { labels: {}, annotations: {} };

export const SERVICES_TABLE = "run_services";
export const REVISIONS_TABLE = "run_revisions";

/** Services and revisions as rows; every statement of services/run goes through here. */
export function createRunStore(store: Store, changes: ChangeLog = createChangeLog(store)) {
  const services = createWatchedTable(store, SERVICES_TABLE, changes);
  const revisions = createWatchedTable(store, REVISIONS_TABLE, changes);
  const decoded = decodedRows(serviceOf);
  const listServices = async (query: ResourceQuery) => (await services.list(query)).map(serviceOf);
  const shownServices = async (query: ResourceQuery) => (await services.list(query)).map(decoded);
  const listRevisions = async (query: ResourceQuery, transaction?: StoreTransaction) =>
    (await revisions.list(query, transaction)).map(revisionOf);
  return {
    async getService(name: string, transaction?: StoreTransaction): Promise<ServiceRecord | undefined> {
      const row = await services.get(name, transaction);
      return row && serviceOf(row);
    },
    /** Rejects with DuplicateResourceError when the name is taken. */
    insertService: async (transaction: StoreTransaction, record: ServiceRecord) =>
      serviceOf(await services.insert(transaction, serviceRow(record))),
    /** Rejects with StaleResourceError when the stored version is not the record's. */
    updateService: async (transaction: StoreTransaction, record: ServiceRecord) =>
      serviceOf(await services.update(transaction, serviceRow(record))),
    deleteService: (transaction: StoreTransaction, name: string) => services.delete(transaction, name),
    /** For answers only: the records are shared, and not to be changed. */
    shownServices: { list: shownServices, nameOf: ({ service }: ServiceRecord) => service.name },
    allServices: { list: listServices, nameOf: ({ service }: ServiceRecord) => service.name },
    unfinishedServices: () => services.unfinishedNames(),

    async getRevision(name: string, transaction?: StoreTransaction): Promise<RevisionRecord | undefined> {
      const row = await revisions.get(name, transaction);
      return row && revisionOf(row);
    },
    insertRevision: (transaction: StoreTransaction, record: RevisionRecord) =>
      revisions.insert(transaction, revisionRow(record)),
    updateRevision: async (transaction: StoreTransaction, record: RevisionRecord) =>
      revisionOf(await revisions.update(transaction, revisionRow(record))),
    deleteRevision: (transaction: StoreTransaction, name: string) => revisions.delete(transaction, name),
    listRevisions,
    /** Full names of a service's revisions but for the newest `keep`, newest first, at most `limit`. */
    async revisionNamesAfter(transaction: StoreTransaction, parent: string, keep: number, limit: number) {
      const query = { parent, limit: keep + limit, orderBy: "createTime", descending: true } as const;
      return (await revisions.list(query, transaction)).slice(keep).map(({ name }) => name);
    },
    /** The newest first, as gcloud shows them: it cuts lists before it sorts them. */
    allRevisions: {
      list: listRevisions,
      nameOf: ({ revision }: RevisionRecord) => revision.name,
      createTimeOf: ({ revision }: RevisionRecord) => revision.createTime,
    },
  };
}

export type RunStore = ReturnType<typeof createRunStore>;

/** The service in a row. */
export function serviceOf(row: WatchedRow): ServiceRecord {
  const { service, ...hidden } = JSON.parse(row.message) as JsonObject;
  return {
    service: fromJson(ServiceSchema, service as JsonValue),
    hidden: hidden as unknown as HiddenService,
    version: row.version,
    sequence: row.sequence,
  };
}

function serviceRow({ service, hidden, version }: ServiceRecord): ResourceRow {
  const message = JSON.stringify({ ...hidden, service: toJson(ServiceSchema, service) });
  return { ...rowOf(service, version), message, unfinished: service.reconciling };
}

/** The revision in a row. */
export function revisionOf(row: WatchedRow): RevisionRecord {
  const { revision, rebasedImage, ...hidden } = JSON.parse(row.message) as JsonObject;
  return {
    revision: fromJson(RevisionSchema, revision as JsonValue),
    rebasedImage: rebasedImage as string | undefined,
    hidden: hidden as unknown as HiddenMetadata,
    version: row.version,
    sequence: row.sequence,
  };
}

/** A revision is never unfinished by itself: its service's reconciler brings it up. */
function revisionRow({ revision, hidden, rebasedImage, version }: RevisionRecord): ResourceRow {
  const message = JSON.stringify({ ...hidden, rebasedImage, revision: toJson(RevisionSchema, revision) });
  return { ...rowOf(revision, version), message, unfinished: false };
}
