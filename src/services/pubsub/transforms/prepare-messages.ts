import type { PubsubMessage, Topic } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { validateMessages } from "../schemas/validate-messages.ts";
import { functionsOf, transformMessage } from "./transform-message.ts";

/**
 * What is published of messages: first the topic's transforms change them or leave them out (undefined), then its schema
 * checks them. Rejects with INVALID_ARGUMENT when one of them fails. Google: cloud.google.com/pubsub/docs/smts/smts-overview.
 */
export async function prepareMessages(
  deps: Pick<Deps, "functions" | "schemaCache">,
  { messageTransforms, schemaSettings }: Pick<Topic, "messageTransforms" | "schemaSettings">,
  messages: readonly PubsubMessage[],
): Promise<readonly (PubsubMessage | undefined)[]> {
  const functions = functionsOf(messageTransforms);
  const transformed =
    functions.length === 0
      ? messages
      : await Promise.all(
          messages.map(async (message) => {
            const result = await transformMessage(deps.functions, functions, message);
            if (result.kind === "failed")
              throw invalidArgument(`The message could not be transformed: ${result.reason}`);
            return result.kind === "message" ? result.message : undefined;
          }),
        );
  if (!schemaSettings) return transformed;
  const kept = transformed.filter((message) => message !== undefined);
  const checked = (await validateMessages(deps, schemaSettings, kept)).values();
  return transformed.map((message) => message && checked.next().value);
}
