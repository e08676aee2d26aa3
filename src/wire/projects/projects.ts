import type { Migration, Store } from "../../platform/store/store.ts";
import type { Clock } from "../../platform/clock.ts";
import { projectNumberOf } from "./project-number.ts";

/** Every project that was ever named in a call; a project needs no creation. */
export interface Projects {
  /** The id of a project given by id or number; an unknown number stays as it is. */
  idOf(idOrNumber: string): string;
  /** Notes that a project is used; durable. */
  remember(projectId: string): Promise<void>;
  list(): readonly KnownProject[];
  get(projectId: string): KnownProject | undefined;
  /** Fills the cache from the store. */
  load(): Promise<void>;
}

export interface KnownProject {
  readonly id: string;
  /** 12 digits. */
  readonly number: string;
  readonly createTimeMs: number;
}

interface Tables {
  projects: { id: string; number: string; create_time_ms: number };
}

export const projectMigrations: readonly Migration[] = [
  {
    name: "001-projects",
    async up(database) {
      await database.schema
        .createTable("projects")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("number", "text", (column) => column.notNull().unique())
        .addColumn("create_time_ms", "bigint", (column) => column.notNull())
        .execute();
    },
  },
];

export function createProjects(store: Store, clock: Clock): Projects {
  const byId = new Map<string, KnownProject>();
  const byNumber = new Map<string, KnownProject>();
  const cache = (project: KnownProject) => {
    byId.set(project.id, project);
    byNumber.set(project.number, project);
  };
  return {
    idOf: (idOrNumber) => byNumber.get(idOrNumber)?.id ?? idOrNumber,
    get: (projectId) => byId.get(projectId),
    list: () => [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    async remember(id) {
      if (byId.has(id)) return;
      const project = { id, number: projectNumberOf(id), createTimeMs: clock.nowMs() };
      const row = { id, number: project.number, create_time_ms: project.createTimeMs };
      await store.transact(async (transaction) => {
        const insert = transaction.as<Tables>().insertInto("projects").values(row);
        await insert.onConflict((conflict) => conflict.doNothing()).execute();
      });
      cache(project);
    },
    async load() {
      const rows = await store.read<Tables>().selectFrom("projects").selectAll().execute();
      for (const { id, number, create_time_ms } of rows) cache({ id, number, createTimeMs: create_time_ms });
    },
  };
}
