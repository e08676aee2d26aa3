import type { BuiltImage } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { Grafeas, Note, Occurrence } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { attachArtifact } from "../../../oci/attestations/attach-artifact.ts";
import type { Envelope } from "../../../oci/attestations/dsse.ts";
import { bundleAnnotations, SIGSTORE_BUNDLE, sigstoreBundle } from "../../../oci/attestations/sigstore-bundle.ts";
import { RegistryClientError } from "../../../oci/distribution/registry-client-error.ts";
import type { Client } from "../../../wire/in-process/client.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { referenceOf } from "./built-images.ts";

/** The project whose notes Google's occurrences about builds belong to. */
const NOTES = "projects/verified-builder";

/** The one occurrence of a note: what is there, else what `make` says; the note is made first. */
export async function ensureOccurrenceOf(
  grafeas: Client<typeof Grafeas>,
  noteId: string,
  type: Note["type"],
  make: (noteName: string) => Promise<Occurrence>,
): Promise<Occurrence> {
  const name = `${NOTES}/notes/${noteId}`;
  await grafeas.createNote({ parent: NOTES, noteId, note: { type } }).catch(unlessCode(Code.ALREADY_EXISTS));
  const { occurrences } = await grafeas.listNoteOccurrences({ name });
  return occurrences[0] ?? (await make(name));
}

/** Attaches a signed statement to its image and resolves with the referrer's digest; undefined when the image is gone. */
export async function attachEnvelope(
  { registry, attestationKey }: Pick<Deps, "registry" | "attestationKey">,
  image: BuiltImage,
  { envelope, predicateType }: { readonly envelope: Envelope; readonly predicateType: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const artifact = {
    mediaType: SIGSTORE_BUNDLE,
    content: sigstoreBundle(attestationKey, envelope),
    annotations: bundleAnnotations(predicateType),
  };
  return unlessGone(attachArtifact(registry, referenceOf(image), artifact, signal));
}

/** The answer of a registry, or undefined when it does not have the image: it may have been deleted since. */
export async function unlessGone<Result>(answer: Promise<Result>): Promise<Result | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RegistryClientError && error.status === 404) return undefined;
    throw error;
  }
}

function unlessCode(code: Code) {
  return (error: unknown): void => {
    if (!(error instanceof ApiError) || error.code !== code) throw error;
  };
}
