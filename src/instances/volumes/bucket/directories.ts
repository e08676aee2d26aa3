import type { DirectoryEntry, FileSystem } from "../fuse/file-system.ts";
import { FsError } from "../fuse/file-system.ts";
import { type BucketContext, kindOf } from "./context.ts";
import { conflictName, type Node } from "./nodes.ts";
import type { ListAnswer } from "./objects.ts";

const PAGE_ENTRIES = 1000;
/** What Linux takes as a name. */
const MAX_NAME_BYTES = 255;

/** A folder that is being listed: the entries so far, and where the list goes on. */
interface Listing {
  readonly node: Node;
  readonly entries: DirectoryEntry[];
  /** undefined: at the beginning; null: at the end. */
  pageToken: string | null | undefined;
}

/** Lists folders page by page, as far as they are read. */
export function bucketDirectories(
  context: BucketContext,
): Pick<FileSystem, "openDirectory" | "readDirectory" | "releaseDirectory"> {
  const { nodes } = context;
  const listings = new Map<number, Listing>();
  let lastHandle = 0;

  return {
    openDirectory(id) {
      listings.set(++lastHandle, begin(nodes.get(id)));
      return lastHandle;
    },
    async readDirectory(handle, position) {
      let listing = listings.get(handle);
      if (listing === undefined) throw new FsError("EBADF");
      if (position === 0 && listing.pageToken !== undefined) {
        listing = begin(listing.node);
        listings.set(handle, listing);
      }
      while (listing.entries.length <= position && listing.pageToken !== null) await readPage(context, listing);
      return listing.entries.slice(position);
    },
    releaseDirectory: (handle) => void listings.delete(handle),
  };
}

function begin(node: Node): Listing {
  const dots = [".", ".."].map((name) => ({ name, kind: "directory" as const }));
  return { node, entries: dots, pageToken: undefined };
}

async function readPage(context: BucketContext, listing: Listing): Promise<void> {
  const prefix = context.nodes.pathOf(listing.node);
  const answer = await context.objects.list({
    prefix,
    delimiter: "/",
    maxResults: PAGE_ENTRIES,
    ...(listing.pageToken && { pageToken: listing.pageToken }),
  });
  const found = entriesOf(context, prefix, answer);
  listing.pageToken = answer.nextPageToken ?? null;
  listing.entries.push(...found);
  if (listing.pageToken === null) listing.entries.push(...localEntries(context, listing));
}

/** Folders and files of a page, which are remembered for the lookups that mostly follow. */
function entriesOf({ options, cache }: BucketContext, prefix: string, answer: ListAnswer): DirectoryEntry[] {
  const { items = [], prefixes = [] } = answer;
  const withObject = items.filter(({ name }) => name.endsWith("/")).map(({ name }) => name);
  const folders = options.implicitDirs ? new Set([...prefixes, ...withObject]) : new Set(withObject);
  const names = new Set([...folders].map((folder) => folder.slice(prefix.length, -1)).filter(isName));
  const entries: DirectoryEntry[] = [...names].map((name) => ({ name, kind: "directory" }));
  for (const name of names) cache.set(prefix + name, { kind: "directory" });
  for (const object of items) {
    const name = object.name.slice(prefix.length);
    if (object.name.endsWith("/") || !isName(name)) continue;
    const kind = kindOf(object);
    if (!names.has(name)) cache.set(object.name, { kind, object });
    entries.push({ name: names.has(name) ? conflictName(name) : name, kind });
  }
  return entries;
}

/** Files that were never uploaded. */
function localEntries({ nodes }: BucketContext, { node }: Listing): DirectoryEntry[] {
  const local = [...nodes.all()].filter(
    (each) => each.parent === node && each.staged && !each.object && !each.unlinked,
  );
  return local.map(({ name, kind }) => ({ name, kind }));
}

/** Whether Linux takes this as a name; Cloud Storage takes more. */
function isName(name: string): boolean {
  return (
    name !== "" && name !== "." && name !== ".." && !name.includes("/") && Buffer.byteLength(name) <= MAX_NAME_BYTES
  );
}
