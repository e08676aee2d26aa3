import { createHash, timingSafeEqual } from "node:crypto";
import { type BuildTrigger, CloudBuild } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { Call } from "../../../wire/call.ts";
import { failedPrecondition, invalidArgument, permissionDenied, unauthenticated } from "../../../wire/errors.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { accessSecret, SecretError } from "../secrets/access-secret.ts";
import { agentOf } from "../service-agent.ts";
import { pubsubBody } from "../triggers/payload.ts";
import { readTrigger } from "../triggers/read-trigger.ts";
import { startTriggeredBuild } from "../triggers/start-triggered-build.ts";

/**
 * CloudBuild.ReceiveTriggerWebhook: an event for a webhook trigger, or a push of a Pub/Sub subscription for a Pub/Sub
 * trigger. A message that is pushed again builds once. Disabled triggers and events that the filter keeps back build
 * nothing.
 */
export const receiveTriggerWebhook = (deps: Deps): Rpc =>
  rpc(
    CloudBuild.method.receiveTriggerWebhook,
    // The secret in the URL stands for an identity, so that callers without one come as far as the handler.
    { permission: "none", audit: "none" },
    async ({ name, projectId, trigger: triggerId, body, secret }, call) => {
      if (call.principal.kind === "anonymous" && secret === "") throw unauthenticated("CREDENTIALS_MISSING");
      const { trigger } = await readTrigger({ name, projectId, triggerId }, deps);
      await checkCaller(deps, trigger, secret, call);
      if (trigger.disabled) return {};
      const payload = parseBody(body?.data ?? new Uint8Array());
      const id = trigger.pubsubConfig && messageIdOf(payload);
      const event = { body: trigger.pubsubConfig ? pubsubBody(payload) : payload, ...(id !== undefined && { id }) };
      await startTriggeredBuild(deps, trigger, event, call);
      return {};
    },
  );

/**
 * Lets through whoever has an identity, or the webhook's secret. Google: cloudbuild.proto,
 * ReceiveTriggerWebhookRequest.secret ("if an OAuth token isn't provided").
 */
async function checkCaller(
  deps: Deps,
  { webhookConfig, pubsubConfig, resourceName, name, id }: BuildTrigger,
  secret: string,
  call: Call,
) {
  if (!webhookConfig && !pubsubConfig) throw failedPrecondition("The trigger is not a webhook trigger.");
  if (call.principal.kind !== "anonymous") return;
  if (pubsubConfig && secret !== "") return checkPush(deps, resourceName, secret);
  if (!webhookConfig || secret === "") throw unauthenticated("CREDENTIALS_MISSING");
  const versionName = webhookConfig.authMethod.value ?? "";
  const expected = await accessSecret(deps, versionName, agentOf(versionName.split("/")[1] ?? "")).catch(
    (error: unknown) => {
      if (error instanceof SecretError) throw failedPrecondition(error.message);
      throw error;
    },
  );
  if (!isSame(expected, Buffer.from(secret))) throw permissionDenied("cloudbuild.builds.create", name || id);
}

/** Lets through the subscription that Cloud Build has made for the trigger. */
async function checkPush({ triggerSubscriptions }: Deps, key: string, secret: string): Promise<void> {
  const expected = await triggerSubscriptions.get(key);
  if (!expected || !isSame(Buffer.from(expected.secret), Buffer.from(secret)))
    throw permissionDenied("cloudbuild.builds.create", key);
}

/** Compares in a time that does not tell how much is right. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  const [a, b] = [one, other].map((bytes) => createHash("sha256").update(bytes).digest());
  return timingSafeEqual(a!, b!);
}

function parseBody(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString()) as unknown;
  } catch {
    throw invalidArgument("The body of the webhook must be JSON.");
  }
}

function messageIdOf(push: unknown): string {
  const message = (push as { message?: { messageId?: unknown; message_id?: unknown } } | null)?.message;
  const id = message?.messageId ?? message?.message_id;
  if (typeof id !== "string" || id === "")
    throw invalidArgument("The body must be a push of Pub/Sub with a messageId.");
  return id;
}
