import type { Clock } from "../../../platform/clock.ts";
import type { CompiledSchema } from "./compiled-schema.ts";
import { compileSchema } from "./compile-schema.ts";
import { revisionsOf, type Revision } from "./schema.ts";
import type { SchemaTables } from "./store.ts";

/** Revisions of schemas, ready to check messages, at most a second old where another process has changed them. */
export interface SchemaCache {
  /** The revisions that a schema ever had, the oldest first; undefined when there is no such schema. */
  revisions(schema: string): Promise<readonly CompiledRevision[] | undefined>;
  forget(schema: string): void;
}

export interface CompiledRevision extends Revision {
  readonly compiled: () => Promise<CompiledSchema>;
}

const RECENT_MS = 1_000;
/** Schemas remembered at the same time. */
const MAX_SCHEMAS = 1_000;

/** A cache that is empty. */
export function createSchemaCache({ schemas, revisions }: SchemaTables, clock: Clock): SchemaCache {
  const known = new Map<
    string,
    { readonly untilMs: number; readonly found: Promise<CompiledRevision[] | undefined> }
  >();
  const compiledByUid = new Map<string, Promise<CompiledSchema>>();

  const compiledOf = ({ row, schema }: Revision) => {
    let compiled = compiledByUid.get(row.uid);
    if (!compiled) {
      if (compiledByUid.size >= MAX_SCHEMAS) compiledByUid.clear();
      compiled = compileSchema(schema);
      compiledByUid.set(row.uid, compiled);
    }
    return compiled;
  };
  const find = async (name: string) => {
    if (!(await schemas.get(name))) return undefined;
    const all = await revisionsOf({ revisions }, name);
    return all.map((revision) => ({ ...revision, compiled: () => compiledOf(revision) }));
  };

  return {
    revisions(name) {
      const remembered = known.get(name);
      if (remembered && clock.nowMs() < remembered.untilMs) return remembered.found;
      if (known.size >= MAX_SCHEMAS) known.clear();
      const found = find(name);
      known.set(name, { untilMs: clock.nowMs() + RECENT_MS, found });
      found.catch(() => known.delete(name));
      return found;
    },
    forget: (name) => void known.delete(name),
  };
}
