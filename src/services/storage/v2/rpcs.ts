import type { Rpc } from "../../../wire/rpc.ts";
import type { StorageModel } from "../model.ts";
import { cancelResumableWrite } from "./cancelResumableWrite.ts";
import { composeObject } from "./composeObject.ts";
import { createBucket } from "./createBucket.ts";
import { deleteBucket } from "./deleteBucket.ts";
import { deleteObject } from "./deleteObject.ts";
import { getBucket } from "./getBucket.ts";
import { getObject } from "./getObject.ts";
import { iamRpcs } from "./iam.ts";
import { listBuckets } from "./listBuckets.ts";
import { listObjects } from "./listObjects.ts";
import { moveObject } from "./moveObject.ts";
import { queryWriteStatus } from "./queryWriteStatus.ts";
import { readObject } from "./readObject.ts";
import { rewriteObject } from "./rewriteObject.ts";
import { startResumableWrite } from "./startResumableWrite.ts";
import { updateBucket } from "./updateBucket.ts";
import { updateObject } from "./updateObject.ts";
import { writeObject } from "./writeObject.ts";

/** The implemented methods of google.storage.v2. */
export function storageRpcs(model: StorageModel): Rpc[] {
  return [
    createBucket(model),
    getBucket(model),
    listBuckets(model),
    updateBucket(model),
    deleteBucket(model),
    getObject(model),
    listObjects(model),
    readObject(model),
    writeObject(model),
    startResumableWrite(model),
    queryWriteStatus(model),
    cancelResumableWrite(model),
    updateObject(model),
    deleteObject(model),
    composeObject(model),
    rewriteObject(model),
    moveObject(model),
    ...iamRpcs(model),
  ];
}
