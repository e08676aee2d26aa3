import type { StoreTransaction } from "../../../platform/store/store.ts";
import { notFound } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { parseResourceName } from "../names.ts";
import { fromRow, type StoredChannel } from "./stored-channel.ts";

/** The channel of that name; NOT_FOUND when there is none. */
export async function findChannel(
  deps: Pick<Deps, "channels">,
  name: string,
  transaction?: StoreTransaction,
): Promise<StoredChannel> {
  parseResourceName(name, "channels");
  const found = await readChannel(deps, name, transaction);
  if (!found) throw notFound(name);
  return found;
}

/** The channel of that name; undefined when there is none. */
export async function readChannel(
  { channels }: Pick<Deps, "channels">,
  name: string,
  transaction?: StoreTransaction,
): Promise<StoredChannel | undefined> {
  const row = await channels.get(name, transaction);
  return row && fromRow(row);
}
