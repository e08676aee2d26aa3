import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { attestationParts } from "../support/attestations.ts";
import { bootApi } from "../support/boot-api.ts";
import { createTestBuilder } from "../support/boot-cloudbuild.ts";
import { quietLogging } from "../support/quiet-logging.ts";
import { until } from "../support/until.ts";
import type { BuildOutcome, BuildpackBuildRequest } from "../../src/build/build.ts";
import { preAuthenticationEncoding } from "../../src/oci/attestations/dsse.ts";
import { createDistributionClient, type DistributionClient } from "../../src/oci/distribution/client.ts";
import { pushImage } from "../../src/oci/distribution/push-image.ts";
import { createImageCache } from "../../src/oci/image-cache.ts";
import { fileEntry } from "../../src/oci/layers/layer-entry.ts";
import { writeLayer } from "../../src/oci/layers/write-layer.ts";
import { hostArchitecture } from "../../src/oci/manifest.ts";
import { createSbomStore } from "../../src/oci/sbom/sbom-store.ts";
import { randomIds } from "../../src/platform/ids.ts";
import { createManualClock } from "../../src/platform/manual-clock.ts";
import { artifactregistry } from "../../src/services/artifactregistry/module.ts";
import { containeranalysis } from "../../src/services/containeranalysis/module.ts";
import { cloudbuild } from "../../src/services/cloudbuild/module.ts";

type Json = Record<string, unknown>;

const HOST = "us-central1-docker.pkg.dev";
const REPOSITORY = "projects/demo/locations/us-central1/repositories";
const { attestationKey } = attestationParts();

test("an image that a build made has signed provenance, in Container Analysis and as a referrer", async () => {
  const clock = createManualClock();
  await using folder = await mkdtempDisposable(join(tmpdir(), "homerun-provenance-"));
  const builder = createTestBuilder();
  await using api = await bootApi(
    (deps) => {
      const fetch = (request: Request) => deps.fetchInProcess(request, { kind: "owner" });
      const registry = createDistributionClient({ fetch, clock: deps.clock });
      builder.behave = (request) => buildImage(registry, request, folder.path);
      const floors = { dataFolder: folder.path, client: registry, ids: randomIds };
      const looks = { images: createImageCache(floors), sboms: createSbomStore(floors) };
      const host = { cpus: 2, memoryBytes: 4 * 1024 ** 3 };
      const given = {
        ...deps,
        ...looks,
        attestationKey,
        registry,
        builder,
        host,
        workFolder: join(folder.path, "work"),
      };
      return [cloudbuild(given), artifactregistry(deps), containeranalysis(deps), quietLogging()];
    },
    { clock },
  );
  const call = async (method: string, path: string, body?: Json): Promise<Json> => {
    const answer = await api.json(method, path, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  await call("POST", `/artifactregistry/v1/${REPOSITORY}?repositoryId=images`, { format: "DOCKER" });
  const image = `${HOST}/demo/images/app`;
  const { metadata } = (await call("POST", "/cloudbuild/v1/projects/demo/locations/us-central1/builds", {
    steps: [{ name: "gcr.io/k8s-skaffold/pack", args: ["build", `${image}:v1`, "--publish", "--tag", `${image}:v2`] }],
    substitutions: { _COLOUR: "red" },
    options: { substitutionOption: "ALLOW_LOOSE" },
  })) as { metadata: { build: { id: string } } };
  const { id } = metadata.build;

  const occurrences = await until(async () => {
    const found = await call("GET", "/containeranalysis/v1/projects/demo/occurrences");
    return (found["occurrences"] as Json[] | undefined) ?? false;
  });
  assert.equal(occurrences.length, 1, "the tags of one image share its provenance");
  const { resourceUri, noteName, kind, build, envelope } = occurrences[0] as {
    resourceUri: string;
    noteName: string;
    kind: string;
    build: { inTotoSlsaProvenanceV1: Statement };
    envelope: { payload: string; payloadType: string; signatures: { sig: string; keyid: string }[] };
  };
  const digest = /^https:\/\/us-central1-docker\.pkg\.dev\/demo\/images\/app@(sha256:[0-9a-f]{64})$/.exec(
    resourceUri,
  )?.[1];
  assert.ok(digest, resourceUri);
  assert.deepEqual([kind, noteName], ["BUILD", `projects/verified-builder/notes/intoto_slsa_v1_${id}_0`]);
  const statement = build.inTotoSlsaProvenanceV1;
  assert.deepEqual(JSON.parse(Buffer.from(envelope.payload, "base64").toString()), statement);
  assert.equal(statement.predicateType, "https://slsa.dev/provenance/v1");
  assert.equal(statement.subject[0]?.digest["sha256"], digest.slice("sha256:".length));
  const { buildDefinition, runDetails } = statement.predicate;
  assert.deepEqual(buildDefinition.externalParameters["substitutions"], { _COLOUR: "red" });
  assert.ok(runDetails.metadata.invocationId.endsWith(`/builds/${id}`));
  const signed = preAuthenticationEncoding(envelope.payloadType, Buffer.from(envelope.payload, "base64"));
  const signature = Buffer.from(envelope.signatures[0]!.sig, "base64");
  assert.ok(verify("sha256", signed, createPublicKey(attestationKey.publicKeyPem), signature));

  const registryUrl = `${api.url}/v2/demo/images/app`;
  const fetchJson = async (path: string) =>
    (await (await fetch(`${registryUrl}/${path}`, { headers: { host: HOST } })).json()) as Json;
  const bundleOf = async (predicateType: string): Promise<Bundle> => {
    const referrer = await until(async () => {
      clock.advanceToNextTimer();
      const { manifests } = (await fetchJson(`referrers/${digest}`)) as { manifests: Referrer[] };
      return manifests.find(({ annotations }) => annotations["dev.sigstore.bundle.predicateType"] === predicateType);
    });
    assert.equal(referrer.artifactType, "application/vnd.dev.sigstore.bundle.v0.3+json");
    const manifest = (await fetchJson(`manifests/${referrer.digest}`)) as { layers: { digest: string }[] };
    return (await fetchJson(`blobs/${manifest.layers[0]!.digest}`)) as unknown as Bundle;
  };
  const [signedBy] = envelope.signatures;
  assert.equal(signedBy?.keyid, attestationKey.id);
  assert.deepEqual((await bundleOf("https://slsa.dev/provenance/v1")).dsseEnvelope, {
    ...envelope,
    signatures: [{ sig: signedBy.sig, keyid: "" }],
  });

  const documentOf = async (predicateType: string) => {
    const { dsseEnvelope } = await bundleOf(predicateType);
    const bytes = Buffer.from(dsseEnvelope.payload, "base64");
    const encoded = preAuthenticationEncoding(dsseEnvelope.payloadType, bytes);
    const sig = Buffer.from(dsseEnvelope.signatures[0]!.sig, "base64");
    assert.ok(verify("sha256", encoded, createPublicKey(attestationKey.publicKeyPem), sig), predicateType);
    return (JSON.parse(bytes.toString()) as { predicate: unknown }).predicate;
  };
  const bom = (await documentOf("https://cyclonedx.org/bom")) as { components: { purl: string }[] };
  assert.deepEqual(
    bom.components.map(({ purl }) => purl),
    PURLS,
  );
  const spdx = (await documentOf("https://spdx.dev/Document")) as {
    packages: { externalRefs?: { referenceLocator: string }[] }[];
  };
  assert.deepEqual(
    spdx.packages.flatMap(({ externalRefs = [] }) => externalRefs.map(({ referenceLocator }) => referenceLocator)),
    PURLS,
  );
  const references = await until(async () => {
    clock.advanceToNextTimer();
    const query = new URLSearchParams({ filter: "kind=SBOM_REFERENCE" }).toString();
    const found = (await call("GET", `/containeranalysis/v1/projects/demo/occurrences?${query}`)) as {
      occurrences?: { resourceUri: string }[];
    };
    return found.occurrences?.length === 2 && found.occurrences;
  });
  assert.deepEqual(new Set(references.map((reference) => reference.resourceUri)), new Set([resourceUri]));
});

/** What the image below holds, by package URL in order. */
const PURLS = [
  "pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=trixie",
  "pkg:npm/%40scope/one@1.0.0",
  "pkg:npm/two@2.0.0",
  "pkg:pypi/some-package@3.1",
];
const FILES: Readonly<Record<string, string>> = {
  "usr/lib/os-release": 'ID=debian\nVERSION_CODENAME="trixie"\n',
  "var/lib/dpkg/status":
    "Package: libc6\nStatus: install ok installed\nVersion: 2.41-12\nArchitecture: amd64\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n",
  "workspace/node_modules/@scope/one/package.json": '{"name":"@scope/one","version":"1.0.0","license":"MIT"}',
  "workspace/node_modules/two/package.json": '{"name":"two","version":"2.0.0"}',
  "workspace/node_modules/broken/package.json": "{",
  "layers/pip/Some_Package-3.1.dist-info/METADATA":
    "Metadata-Version: 2.1\nName: Some_Package\nVersion: 3.1\n\nName: no\n",
};

/** Pushes an image with the files above, whatever the source. */
async function buildImage(
  registry: DistributionClient,
  { destinations, runImage }: BuildpackBuildRequest,
  folder: string,
): Promise<BuildOutcome> {
  const layer = await writeLayer(
    Object.entries(FILES).map(([path, text]) => fileEntry(path, text)),
    join(folder, "l.tar"),
  );
  const config = { architecture: hostArchitecture(), os: "linux", created: "2026-01-01T00:00:00Z", config: {} };
  const source = { file: layer.file };
  const { digest } = await pushImage(registry, destinations, { layers: [{ ...layer, source }], config });
  return { status: "SUCCESS", images: destinations.map((name) => ({ name, digest })), runImage, phases: [] };
}

interface Referrer {
  readonly digest: string;
  readonly artifactType: string;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Bundle {
  readonly dsseEnvelope: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly { readonly sig: string }[];
  };
}

interface Statement {
  readonly predicateType: string;
  readonly subject: readonly { readonly digest: Readonly<Record<string, string>> }[];
  readonly predicate: {
    readonly buildDefinition: { readonly externalParameters: Json };
    readonly runDetails: { readonly metadata: { readonly invocationId: string } };
  };
}
