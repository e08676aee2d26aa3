import { BuildSchema, CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import { matchesFilter } from "../../../wire/filter/matches-filter.ts";
import { type Filter, parseFilter } from "../../../wire/filter/parse-filter.ts";
import { withAliases } from "../../../wire/filter/with-aliases.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import { buildOf } from "../build.ts";
import { type CreateTimeKey, formatCreateTimeKey, parseCreateTimeKey } from "../create-time-key.ts";
import type { Deps } from "../deps.ts";
import { locationNamedBy } from "../resolve-name.ts";

const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 1000;
const ROWS_PER_READ = 200;

/** Names that Cloud Build's filters have for fields (cloud.google.com/build/docs/view-build-results, "Filtering"). */
const ALIASES: Readonly<Record<string, string>> = { build_id: "id", trigger_id: "build_trigger_id" };

/** CloudBuild.ListBuilds: the newest first. */
export const listBuilds = ({ builds, projects }: Pick<Deps, "builds" | "projects">): Rpc =>
  rpc(CloudBuild.method.listBuilds, { permission: "cloudbuild.builds.list", audit: "ADMIN_READ" }, async (request) => {
    const { project, location } = await locationNamedBy(request, projects);
    const parent = `projects/${project}/locations/${location}`;
    const filter = withAliases(parseFilter(request.filter), ALIASES);
    const scope = `builds/${parent}/${request.filter}`;
    const pageSize = pageSizeOf(request.pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    const cursor = decodePageToken(request.pageToken, scope);
    const found: ResourceRow[] = [];
    for await (const row of candidates(builds, parent, filter, cursor && parseCreateTimeKey(cursor.after))) {
      if (matchesFilter(filter, BuildSchema, buildOf(row))) found.push(row);
      if (found.length > pageSize) break;
    }
    const { page, nextPageToken } = pageOf(found, pageSize, formatCreateTimeKey, scope);
    return { builds: page.map(buildOf), nextPageToken };
  });

/** Rows in order, the newest first, from `start` on; a filter by tag looks only at those that may have the tag. */
async function* candidates(builds: Deps["builds"], parent: string, filter: Filter, start: CreateTimeKey | undefined) {
  const tag = requiredTag(filter);
  if (tag === undefined) return yield* newestFirst(builds, parent, start);
  for (const name of await builds.namesHolding(parent, JSON.stringify(tag))) {
    const row = await builds.get(name);
    if (row && (!start || comesAfter(row, start))) yield row;
  }
}

function requiredTag(filter: Filter): string | undefined {
  if (filter.kind === "and") return filter.operands.map(requiredTag).find((tag) => tag !== undefined);
  const isTag = filter.kind === "restriction" && filter.path.join(".") === "tags";
  return isTag && /^[=:]$/.test(filter.comparator) && !filter.value.includes("*") ? filter.value : undefined;
}

function comesAfter(row: CreateTimeKey, start: CreateTimeKey): boolean {
  if (row.createTimeMs !== start.createTimeMs) return row.createTimeMs < start.createTimeMs;
  return row.name < start.name;
}

async function* newestFirst(builds: Deps["builds"], parent: string, start: CreateTimeKey | undefined) {
  let after = start;
  for (;;) {
    const query = { parent, limit: ROWS_PER_READ, orderBy: "createTime", descending: true } as const;
    const rows = await builds.list({ ...query, ...(after && { after }) });
    yield* rows;
    after = rows.at(-1);
    if (rows.length < ROWS_PER_READ) return;
  }
}
