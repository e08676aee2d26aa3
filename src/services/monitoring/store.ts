import type { Generated } from "kysely";
import { createResourceTable } from "../../platform/store/create-resource-table.ts";
import type { Store, StoreTransaction } from "../../platform/store/store.ts";
import { METRIC_DESCRIPTORS } from "./migrations.ts";
import { identityOf, type Point, type Series, type SeriesHeader, type Value } from "./series.ts";

interface Tables {
  monitoring_series: { id: Generated<number>; project: string; metric_type: string; identity: string; header: string };
  monitoring_points: { series_id: number; end_ms: number; start_ms: number; value: string };
}

/** A series that has been written to. */
export interface StoredSeries {
  readonly id: number;
  readonly header: SeriesHeader;
}

/** All SQL of Cloud Monitoring. */
export function createMonitoringStore(store: Store) {
  return {
    descriptors: createResourceTable(store, METRIC_DESCRIPTORS),
    ...seriesWriter(store),
    ...seriesReader(store),
  };
}

export type MonitoringStore = ReturnType<typeof createMonitoringStore>;

function seriesWriter(store: Store) {
  return {
    /** The series' id; makes the series when it is new. */
    async ensureSeries(transaction: StoreTransaction, project: string, header: SeriesHeader): Promise<number> {
      const tables = transaction.as<Tables>();
      const identity = identityOf(header);
      const found = await tables
        .selectFrom("monitoring_series")
        .select("id")
        .where("project", "=", project)
        .where("identity", "=", identity)
        .executeTakeFirst();
      if (found) return found.id;
      const row = { project, metric_type: header.metric.type, identity, header: JSON.stringify(header) };
      const made = await tables.insertInto("monitoring_series").values(row).returning("id").executeTakeFirstOrThrow();
      return made.id;
    },

    async insertPoint(transaction: StoreTransaction, series: number, { startMs, endMs, value }: Point): Promise<void> {
      const row = { series_id: series, start_ms: startMs, end_ms: endMs, value: JSON.stringify(value) };
      await transaction.as<Tables>().insertInto("monitoring_points").values(row).execute();
    },

    /** End of the newest point of a series; undefined while it has none. */
    async newestEndMs(transaction: StoreTransaction, series: number): Promise<number | undefined> {
      const row = await transaction
        .as<Tables>()
        .selectFrom("monitoring_points")
        .select("end_ms")
        .where("series_id", "=", series)
        .orderBy("end_ms", "desc")
        .executeTakeFirst();
      return row?.end_ms;
    },

    deleteBefore: (endMs: number): Promise<void> =>
      store.transact(async (transaction) => {
        await transaction.as<Tables>().deleteFrom("monitoring_points").where("end_ms", "<", endMs).execute();
      }),

    async deleteMetric(transaction: StoreTransaction, project: string, metricType: string): Promise<void> {
      const tables = transaction.as<Tables>();
      const ofMetric = tables
        .selectFrom("monitoring_series")
        .select("id")
        .where("project", "=", project)
        .where("metric_type", "=", metricType);
      await tables.deleteFrom("monitoring_points").where("series_id", "in", ofMetric).execute();
      await tables
        .deleteFrom("monitoring_series")
        .where("project", "=", project)
        .where("metric_type", "=", metricType)
        .execute();
    },
  };
}

function seriesReader(store: Store) {
  const read = () => store.read<Tables>();
  return {
    async seriesOf(project: string, metricType: string): Promise<StoredSeries[]> {
      const rows = await read()
        .selectFrom("monitoring_series")
        .select(["id", "header"])
        .where("project", "=", project)
        .where("metric_type", "=", metricType)
        .orderBy("identity")
        .execute();
      return rows.map(({ id, header }) => ({ id, header: JSON.parse(header) as SeriesHeader }));
    },

    /** The series with its points whose end is after `fromMs` and not after `toMs`, oldest first. */
    async withPoints({ id, header }: StoredSeries, fromMs: number, toMs: number): Promise<Series> {
      const rows = await read()
        .selectFrom("monitoring_points")
        .select(["start_ms", "end_ms", "value"])
        .where("series_id", "=", id)
        .where("end_ms", ">", fromMs)
        .where("end_ms", "<=", toMs)
        .orderBy("end_ms")
        .execute();
      const points = rows.map(({ start_ms, end_ms, value }) => ({
        startMs: start_ms,
        endMs: end_ms,
        value: JSON.parse(value) as Value,
      }));
      return { ...header, points };
    },
  };
}
