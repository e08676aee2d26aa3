import { clone } from "@bufbuild/protobuf";
import { InstanceSchema } from "../../../gen/google/cloud/run/v2/instance_pb.js";
import type { RunContext } from "../context.ts";

/**
 * Notes, in the background, that an instance has ended with code 0, which is for good. Google: Cloud Run docs, restart
 * policy of instances: the default restarts after failures only.
 */
export function noteCompletion(context: RunContext, name: string, uid: string): void {
  noteExit(context, name, uid).catch((error: unknown) => {
    context.log.error("the end of an instance was not noted", { name, error });
  });
}

async function noteExit({ instances, store, wakeups }: RunContext, name: string, uid: string): Promise<void> {
  await store.transact(async (transaction) => {
    const stored = await instances.get(name, transaction);
    if (stored?.instance.uid !== uid || stored.hidden.intent !== "RUN" || stored.instance.deleteTime) return;
    const instance = clone(InstanceSchema, stored.instance);
    instance.reconciling = true;
    const hidden = { ...stored.hidden, intent: "EXITED" as const };
    await instances.update(transaction, { ...stored, instance, hidden });
    await wakeups.wake(transaction, "run.instance", name);
  });
}
