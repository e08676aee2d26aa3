import type { Object$ } from "../../../gen/google/storage/v2/storage_pb.js";
import type { Pattern } from "../../../wire/patterns.ts";
import { compileGlob } from "./glob.ts";
import { afterPrefix, compareNames } from "./name-order.ts";
import type { ObjectCursor, ObjectStore, StoredObject } from "./store.ts";

/** What to list. Google: cloud.google.com/storage/docs/json_api/v1/objects/list. */
export interface ListOptions {
  readonly bucket: string;
  readonly prefix: string;
  /** "" lists everything flat. */
  readonly delimiter: string;
  /** Objects that end in the delimiter count as objects, too, not only as prefixes. */
  readonly includeTrailingDelimiter: boolean;
  readonly versions: boolean;
  /** Names from this one on, in the order of their bytes. */
  readonly startOffset: string;
  /** Names below this one; "" for no end. */
  readonly endOffset: string;
  readonly matchGlob: string;
  /** Where the page before ended. */
  readonly after?: ObjectCursor | undefined;
  /** Objects and prefixes together. */
  readonly limit: number;
}

export interface ObjectPage {
  readonly objects: readonly Object$[];
  readonly prefixes: readonly string[];
  /** Where the next page goes on; absent on the last one. */
  readonly next?: ObjectCursor;
}

/** One page of a bucket's objects, with common prefixes up to the delimiter. */
export async function listObjects(objectStore: ObjectStore, options: ListOptions): Promise<ObjectPage> {
  const { bucket, versions, limit } = options;
  const page = new PageBuilder(options);
  const before = lowerOf(options.endOffset || undefined, afterPrefix(options.prefix));
  let after: ObjectCursor | undefined = startOf(options);
  while (after) {
    const rows: StoredObject[] = await objectStore.list({ bucket, after, before, versions, limit: limit + 1 });
    after = page.take(rows);
    if (page.isFull) return page.build();
    if (rows.length <= limit) break;
  }
  return page.build();
}

function startOf({ prefix, startOffset, after }: ListOptions): ObjectCursor {
  const name = compareNames(prefix, startOffset) < 0 ? startOffset : prefix;
  if (after && compareNames(after.name, name) >= 0) return after;
  return { name, generation: -1 };
}

function lowerOf(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return compareNames(one, other) < 0 ? one : other;
}

class PageBuilder {
  readonly #options: ListOptions;
  readonly #glob: Pattern | undefined;
  readonly #objects: Object$[] = [];
  readonly #prefixes: string[] = [];
  #last: ObjectCursor | undefined;
  /** Names below this one belong to the prefix found last. */
  #skipUntil: string | undefined;
  isFull = false;

  constructor(options: ListOptions) {
    this.#options = options;
    this.#glob = options.matchGlob ? compileGlob(options.matchGlob) : undefined;
  }

  /** Takes rows until the page is full; says where to read on: behind the last row, or behind a prefix it stopped in. */
  take(rows: readonly StoredObject[]): ObjectCursor | undefined {
    for (const { object } of rows) {
      if (this.#skipUntil !== undefined && compareNames(object.name, this.#skipUntil) < 0) continue;
      if (this.#objects.length + this.#prefixes.length >= this.#options.limit && this.#counts(object)) {
        this.isFull = true;
        return undefined;
      }
      this.#add(object);
    }
    return rows.length > 0 ? this.#last : undefined;
  }

  build(): ObjectPage {
    const page = { objects: this.#objects, prefixes: this.#prefixes };
    return this.isFull && this.#last ? { ...page, next: this.#last } : page;
  }

  #add(object: Object$): void {
    this.#last = { name: object.name, generation: Number(object.generation) };
    const prefix = this.#prefixOf(object.name);
    if (!this.#counts(object)) return;
    if (prefix === undefined) {
      this.#objects.push(object);
      return;
    }
    this.#prefixes.push(prefix);
    this.#skipUntil = afterPrefix(prefix);
    // An object that is itself named like the prefix comes first in it, so the next rows are already behind it.
    if (object.name === prefix && this.#options.includeTrailingDelimiter) this.#objects.push(object);
    if (this.#skipUntil !== undefined) this.#last = { name: this.#skipUntil, generation: -1 };
  }

  #counts(object: Object$): boolean {
    if (!this.#glob) return true;
    return this.#glob.matches(this.#prefixOf(object.name) ?? object.name);
  }

  #prefixOf(name: string): string | undefined {
    const { prefix, delimiter } = this.#options;
    if (delimiter === "") return undefined;
    const at = name.indexOf(delimiter, prefix.length);
    return at === -1 ? undefined : name.slice(0, at + delimiter.length);
  }
}
