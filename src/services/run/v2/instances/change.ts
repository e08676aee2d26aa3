import { InstanceSchema } from "../../../../gen/google/cloud/run/v2/instance_pb.js";
import type { Operation } from "../../../../gen/google/longrunning/operations_pb.js";
import type { Call } from "../../../../wire/call.ts";
import { principalEmail } from "../../../../wire/credentials/principal.ts";
import { checkEtag, etagOf } from "../../../../wire/etag.ts";
import type { RunContext } from "../../context.ts";
import { changeInstance, type Wanted } from "../../instances/apply.ts";
import { instanceNotFound } from "../../instances/errors.ts";
import type { InstanceRecord } from "../../instances/store.ts";
import { instanceView } from "../../instances/view.ts";
import { validatedOperation } from "../../resource-operations.ts";

/** What requests to start, stop and delete an instance have in common. */
export interface ChangeRequest {
  readonly name: string;
  readonly etag: string;
  readonly validateOnly: boolean;
}

/** Asks something of an instance: starts the operation, or with validate_only answers a finished one. */
export async function changeBy(
  context: RunContext,
  wanted: Wanted,
  { name, etag, validateOnly }: ChangeRequest,
  { principal }: Pick<Call, "principal">,
): Promise<Operation> {
  const check = ({ instance, version }: InstanceRecord) => checkEtag(etag, etagOf(instance.uid, version));
  if (!validateOnly) return changeInstance(context, name, wanted, check, principalEmail(principal));
  const stored = await context.instances.get(name);
  if (!stored) throw instanceNotFound(name);
  check(stored);
  return validatedOperation(InstanceSchema, instanceView(stored), context.ids.uuid());
}
