import { create } from "@bufbuild/protobuf";
import type { BuiltImage } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { Grafeas } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { SBOMReferenceNoteSchema } from "../../../gen/grafeas/v1/sbom_pb.js";
import { digestOf } from "../../../oci/digest.ts";
import { IN_TOTO, signEnvelope } from "../../../oci/attestations/dsse.ts";
import { parseReference } from "../../../oci/reference.ts";
import type { Component } from "../../../oci/sbom/component.ts";
import { cycloneDx, type DescribedImage, spdx } from "../../../oci/sbom/documents.ts";
import type { Reconcile } from "../../../platform/wakeups/wakeups.ts";
import { parseBuildName } from "../build-name.ts";
import { buildOf } from "../build.ts";
import type { Deps } from "../deps.ts";
import { agentOf } from "../service-agent.ts";
import { imagesToVouchFor, nameOf, projectOf, referenceOf } from "./built-images.ts";
import { attachEnvelope, ensureOccurrenceOf, unlessGone } from "./vouch.ts";

interface Format {
  readonly name: string;
  readonly version: string;
  /** in-toto's name of the predicate. */
  readonly predicateType: string;
  readonly mimeType: string;
  readonly document: (image: DescribedImage, components: readonly Component[]) => object;
}

const FORMATS: readonly Format[] = [
  {
    name: "spdx",
    version: "2.3",
    predicateType: "https://spdx.dev/Document",
    mimeType: "application/spdx+json",
    document: spdx,
  },
  {
    name: "cyclonedx",
    version: "1.6",
    predicateType: "https://cyclonedx.org/bom",
    mimeType: "application/vnd.cyclonedx+json",
    document: cycloneDx,
  },
];

/**
 * Says what the images of a build that succeeded hold: a signed SBOM in each format as a referrer of the image, and an
 * occurrence of kind SBOM_REFERENCE that leads there. An image has one of each, whichever build made it first.
 */
export function reconcileSbom(deps: Deps): Reconcile {
  return async (key, signal) => {
    const row = await deps.builds.get(key);
    for (const image of imagesToVouchFor(row && buildOf(row))) {
      for (const format of FORMATS) {
        const referrer = await unlessGone(ensureReferrer(deps, image, format, signal));
        if (referrer !== undefined) await ensureReference(deps, parseBuildName(key).project, image, format, referrer);
      }
    }
    return { settled: true };
  };
}

/** Digest of the referrer that holds the SBOM. */
async function ensureReferrer(
  deps: Deps,
  image: BuiltImage,
  { predicateType, document }: Format,
  signal: AbortSignal,
): Promise<string | undefined> {
  const referrers = await deps.registry.listReferrers(parseReference(referenceOf(image)), image.digest, signal);
  const known = referrers.find(
    ({ annotations }) => annotations?.["dev.sigstore.bundle.predicateType"] === predicateType,
  );
  if (known) return known.digest;
  const components = await deps.sboms.componentsOf(await deps.images.ensure(referenceOf(image), signal), signal);
  const created = new Date(deps.clock.nowMs()).toISOString().replace(/\.\d+/, "");
  const name = nameOf(image);
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name, digest: { sha256: image.digest.replace("sha256:", "") } }],
    predicateType,
    predicate: document({ name, digest: image.digest, created }, components),
  };
  const envelope = signEnvelope(deps.attestationKey, IN_TOTO, Buffer.from(JSON.stringify(statement)));
  return attachEnvelope(deps, image, { envelope, predicateType }, signal);
}

async function ensureReference(
  { clients }: Pick<Deps, "clients">,
  buildProject: string,
  image: BuiltImage,
  { name, version, predicateType, mimeType }: Format,
  referrer: string,
): Promise<void> {
  const grafeas = clients.of(Grafeas, agentOf(buildProject));
  const [sha256 = "", note] = [image.digest.split(":")[1], create(SBOMReferenceNoteSchema, { format: name, version })];
  const place = digestOf(nameOf(image)).slice("sha256:".length, "sha256:".length + 12);
  const noteId = `sbom_${name}_${place}_${sha256}`;
  await ensureOccurrenceOf(grafeas, noteId, { case: "sbomReference", value: note }, (noteName) =>
    grafeas.createOccurrence({
      parent: `projects/${projectOf(image)}`,
      occurrence: {
        resourceUri: `https://${referenceOf(image)}`,
        noteName,
        details: { case: "sbomReference", value: referenceTo(image, sha256, { predicateType, mimeType, referrer }) },
      },
    }),
  );
}

function referenceTo(
  image: BuiltImage,
  sha256: string,
  { predicateType, mimeType, referrer }: { predicateType: string; mimeType: string; referrer: string },
) {
  const location = `https://${nameOf(image)}@${referrer}`;
  const predicate = { referrerId: "homerun", location, mimeType, digest: { sha256: referrer.split(":")[1] ?? "" } };
  const subject = [{ name: nameOf(image), digest: { sha256 } }];
  const payload = { type: "https://in-toto.io/Statement/v1", predicateType, subject, predicate };
  return { payload, payloadType: IN_TOTO };
}
