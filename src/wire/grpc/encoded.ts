import type { Message } from "@bufbuild/protobuf";

const encodings = new WeakMap<Message, Uint8Array>();

/**
 * Gives an answer its binary form, so that gRPC sends that as it is; for answers whose parts are there in binary form.
 * Everybody else reads the message, which has to say the same.
 */
export function withEncoding<Answer extends Message>(answer: Answer, bytes: Uint8Array): Answer {
  encodings.set(answer, bytes);
  return answer;
}

/** The binary form that a message was given; undefined when it was given none. */
export function encodingOf(message: Message): Uint8Array | undefined {
  return encodings.get(message);
}
