import { create, toJsonString } from "@bufbuild/protobuf";
import {
  type Build,
  type BuiltImage,
  Build_Status as Status,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { EnvelopeSchema, NoteKind } from "../../../gen/grafeas/v1/common_pb.js";
import { Grafeas, type Occurrence } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { InTotoSlsaProvenanceV1Schema } from "../../../gen/grafeas/v1/intoto_statement_pb.js";
import { attachArtifact } from "../../../oci/attestations/attach-artifact.ts";
import { type Envelope, IN_TOTO, signEnvelope } from "../../../oci/attestations/dsse.ts";
import { bundleAnnotations, SIGSTORE_BUNDLE, sigstoreBundle } from "../../../oci/attestations/sigstore-bundle.ts";
import { RegistryClientError } from "../../../oci/distribution/registry-client-error.ts";
import type { Reconcile } from "../../../platform/wakeups/wakeups.ts";
import { ApiError } from "../../../wire/errors.ts";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { type BuildName, parseBuildName } from "../build-name.ts";
import { buildOf } from "../build.ts";
import type { Deps } from "../deps.ts";
import { agentOf } from "../service-agent.ts";
import { provenanceOf, SLSA_PROVENANCE_V1 } from "./statement.ts";

/** The project whose notes Google's occurrences of build provenance belong to. */
const NOTES = "projects/verified-builder";
/** Images that Container Analysis knows of. */
const ARTIFACT_REGISTRY = /^[a-z0-9-]+-docker\.pkg\.dev\/([^/]+)\//;

/**
 * Vouches for the images of a build that succeeded: an occurrence of kind BUILD in Container Analysis, and the same
 * signed statement as a referrer of the image. What was signed first is what stays, however often this runs.
 */
export function reconcileProvenance(deps: Deps): Reconcile {
  return async (key, signal) => {
    const row = await deps.builds.get(key);
    const build = row && buildOf(row);
    if (build?.status !== Status.SUCCESS) return { settled: true };
    const name = parseBuildName(key);
    for (const [index, image] of distinct(build.results?.images ?? []).entries()) {
      if (!ARTIFACT_REGISTRY.test(image.name)) continue;
      const occurrence = await ensureOccurrence(deps, build, name, image, index);
      await attach(deps, image, envelopeOf(occurrence), signal);
    }
    return { settled: true };
  };
}

/** Images by digest: the tags of one image share its provenance. */
function distinct(images: readonly BuiltImage[]): BuiltImage[] {
  return [...new Map(images.toReversed().map((image) => [referenceOf(image), image])).values()].toReversed();
}

function referenceOf({ name, digest }: BuiltImage): string {
  return `${name.replace(/(:[\w.-]+)?(@.*)?$/, "")}@${digest}`;
}

async function ensureOccurrence(
  deps: Deps,
  build: Build,
  name: BuildName,
  image: BuiltImage,
  index: number,
): Promise<Occurrence> {
  const grafeas = deps.clients.of(Grafeas, agentOf(name.project));
  const noteId = `intoto_slsa_v1_${name.id}_${index}`;
  const noteName = `${NOTES}/notes/${noteId}`;
  await grafeas
    .createNote({ parent: NOTES, noteId, note: { kind: NoteKind.BUILD, type: { case: "build", value: {} } } })
    .catch(unlessCode(Code.ALREADY_EXISTS));
  const { occurrences } = await grafeas.listNoteOccurrences({ name: noteName });
  if (occurrences[0]) return occurrences[0];
  const inTotoSlsaProvenanceV1 = provenanceOf(build, name, image);
  const payload = Buffer.from(toJsonString(InTotoSlsaProvenanceV1Schema, inTotoSlsaProvenanceV1));
  const envelope = signEnvelope(deps.attestationKey, IN_TOTO, payload);
  const [, project] = ARTIFACT_REGISTRY.exec(image.name)!;
  return grafeas.createOccurrence({
    parent: `projects/${project}`,
    occurrence: {
      resourceUri: `https://${referenceOf(image)}`,
      noteName,
      details: { case: "build", value: { inTotoSlsaProvenanceV1 } },
      envelope: create(EnvelopeSchema, { ...envelope, signatures: [...envelope.signatures] }),
    },
  });
}

function envelopeOf({ envelope }: Occurrence): Envelope {
  const { payload, payloadType, signatures } = envelope ?? create(EnvelopeSchema);
  return { payload, payloadType, signatures };
}

async function attach(deps: Deps, image: BuiltImage, envelope: Envelope, signal: AbortSignal): Promise<void> {
  const artifact = {
    mediaType: SIGSTORE_BUNDLE,
    content: sigstoreBundle(deps.attestationKey, envelope),
    annotations: bundleAnnotations(SLSA_PROVENANCE_V1),
  };
  try {
    await attachArtifact(deps.registry, referenceOf(image), artifact, signal);
  } catch (error) {
    // The image may have been deleted since.
    if (!(error instanceof RegistryClientError) || error.status !== 404) throw error;
  }
}

function unlessCode(code: Code) {
  return (error: unknown): void => {
    if (!(error instanceof ApiError) || error.code !== code) throw error;
  };
}
