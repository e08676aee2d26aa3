import { systemClock } from "../../platform/clock.ts";
import { CliError } from "../cli-error.ts";
import type { ApiClient } from "../client/api-client.ts";

/** The part of a functions operation's JSON that the commands use. */
export interface OperationJson {
  readonly name: string;
  readonly done?: boolean;
  readonly metadata?: { readonly stages?: readonly StageJson[] };
  readonly error?: { readonly code: number; readonly message: string };
}

export interface StageJson {
  readonly name: string;
  readonly state: string;
  readonly message?: string;
  readonly resourceUri?: string;
}

/** Shortest time between two looks, ms; the server holds an answer until something changes. */
const POLL_MS = 10;

/** Waits until an operation is done, telling each state it was seen in. Rejects with the operation's error. */
export async function waitForOperation(
  api: ApiClient,
  { name }: OperationJson,
  onProgress: (operation: OperationJson) => void,
): Promise<OperationJson> {
  for (;;) {
    const operation = await api.call<OperationJson>("GET", `/cloudfunctions/v2/${name}`);
    onProgress(operation);
    if (operation.error) throw new CliError(operation.error.message);
    if (operation.done) return operation;
    await systemClock.sleep(POLL_MS);
  }
}
