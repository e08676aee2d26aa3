import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { MessageTransform, PubsubMessage } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { FunctionRunner } from "./function-runner.ts";
import type { UserFunction } from "./sandbox.ts";

/** A message after a transform. */
export type Transformed =
  | { readonly kind: "message"; readonly message: PubsubMessage }
  | { readonly kind: "filtered" }
  | { readonly kind: "failed"; readonly reason: string };

/** The functions of transforms that are not disabled. */
export function functionsOf(transforms: readonly MessageTransform[]): UserFunction[] {
  return transforms
    .filter(({ disabled }) => !disabled)
    .flatMap(({ transform }) => (transform.case === "javascriptUdf" ? [transform.value] : []))
    .map(({ functionName, code }) => ({ functionName, code }));
}

/** A message after each function, up to the first that does not pass it on. */
export async function transformSteps(
  runner: FunctionRunner,
  functions: readonly UserFunction[],
  message: PubsubMessage,
): Promise<readonly Transformed[]> {
  const data = textOf(message.data);
  if (data === undefined) return [{ kind: "failed", reason: "The data of the message is not UTF-8." }];
  const input = { message: { data, attributes: message.attributes }, metadata: metadataOf(message) };
  const steps = await runner.run(functions, input);
  return steps.map((step) => {
    if (step.kind !== "message") return step;
    return { kind: "message", message: { ...message, data: Buffer.from(step.data), attributes: step.attributes } };
  });
}

/** A message after all functions. */
export async function transformMessage(
  runner: FunctionRunner,
  functions: readonly UserFunction[],
  message: PubsubMessage,
): Promise<Transformed> {
  return (await transformSteps(runner, functions, message)).at(-1) ?? { kind: "message", message };
}

function textOf(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return undefined;
  }
}

function metadataOf({ messageId, publishTime, orderingKey }: PubsubMessage): Record<string, string> {
  return {
    ...(messageId !== "" && { message_id: messageId }),
    ...(publishTime && {
      publish_time: timestampDate(publishTime)
        .toISOString()
        .replace(/\.\d+Z$/, "Z"),
    }),
    ...(orderingKey !== "" && { ordering_key: orderingKey }),
  };
}
