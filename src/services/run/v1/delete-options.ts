import { aborted } from "../../../wire/errors.ts";
import { checkBody } from "./check-body.ts";
import type { KnativeObject } from "./collection.ts";
import { isDryRun, isDryRunText, jsonBodyOf, type V1Request } from "./request.ts";
import type { Shape } from "./shapes.ts";

/** Kubernetes: meta/v1, DeleteOptions. Cloud Run ignores propagation and grace: it deletes in the background. */
const DELETE_OPTIONS: Shape = {
  fields: {
    apiVersion: "string",
    kind: "string",
    gracePeriodSeconds: "ignored",
    orphanDependents: "ignored",
    propagationPolicy: "ignored",
    preconditions: { fields: { uid: "string", resourceVersion: "string" } },
    dryRun: { list: "string" },
  },
};

interface DeleteOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

/** What a client asks of a deletion, in its body and its query. */
export interface Deletion {
  readonly dryRun: boolean;
  /** Rejects with ABORTED when the object is not the one that the client means. */
  readonly check: (current: KnativeObject) => void;
}

/** Reads the options of a deletion; INVALID_ARGUMENT for what is none. */
export async function deletionOf(at: V1Request): Promise<Deletion> {
  const body = await jsonBodyOf(at.request);
  const { preconditions = {}, dryRun = [] } = checkBody(DELETE_OPTIONS, body, "delete_options") as DeleteOptions;
  return {
    dryRun: dryRun.map(isDryRunText).includes(true) || isDryRun(at.url),
    check({ metadata }) {
      checkSame("UID", preconditions.uid, metadata.uid);
      checkSame("ResourceVersion", preconditions.resourceVersion, metadata.resourceVersion);
    },
  };
}

/** The answer to a deletion that is under way, as clients of Kubernetes can read it. */
export function deletedStatus({ apiVersion, kind, metadata: { name, uid } }: KnativeObject): object {
  const details = { name, group: apiVersion.split("/")[0], kind: kind.toLowerCase() + "s", uid };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}

/** Kubernetes' words. */
function checkSame(what: string, wanted: string | undefined, found: string | undefined): void {
  if (wanted === undefined || wanted === found) return;
  throw aborted(`Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${found}`);
}
