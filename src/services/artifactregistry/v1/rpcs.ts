import type { Rpc } from "../../../wire/rpc.ts";
import type { RegistryModel } from "../model.ts";
import { batchDeleteVersions } from "./batchDeleteVersions.ts";
import { createRepository } from "./createRepository.ts";
import { createTag } from "./createTag.ts";
import { deletePackage } from "./deletePackage.ts";
import { deleteRepository } from "./deleteRepository.ts";
import { deleteTag } from "./deleteTag.ts";
import { deleteVersion } from "./deleteVersion.ts";
import { getDockerImage } from "./getDockerImage.ts";
import { getPackage } from "./getPackage.ts";
import { getProjectSettings } from "./getProjectSettings.ts";
import { getRepository } from "./getRepository.ts";
import { getTag } from "./getTag.ts";
import { getVersion } from "./getVersion.ts";
import { listDockerImages } from "./listDockerImages.ts";
import { listPackages } from "./listPackages.ts";
import { listRepositories } from "./listRepositories.ts";
import { listTags } from "./listTags.ts";
import { listVersions } from "./listVersions.ts";
import { updateRepository } from "./updateRepository.ts";
import { updateTag } from "./updateTag.ts";
import { iamRpcs } from "./iam.ts";

/** The implemented methods of google.devtools.artifactregistry.v1. */
export function artifactRegistryRpcs(model: RegistryModel): Rpc[] {
  return [
    createRepository(model),
    getRepository(model),
    listRepositories(model),
    updateRepository(model),
    deleteRepository(model),
    listDockerImages(model),
    getDockerImage(model),
    listPackages(model),
    getPackage(model),
    deletePackage(model),
    listVersions(model),
    getVersion(model),
    deleteVersion(model),
    batchDeleteVersions(model),
    listTags(model),
    getTag(model),
    createTag(model),
    updateTag(model),
    deleteTag(model),
    getProjectSettings(),
    ...iamRpcs(model),
  ];
}
