import {
  PrivatePoolV1Config_NetworkConfig_EgressOption as EgressOption,
  type WorkerPool,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { type ApiError, invalidArgument, notFound, unsupportedField } from "../../../wire/errors.ts";
import { isMachineTypeName } from "./machine-type.ts";
import { MAX_DISK_GB } from "../limits.ts";

const NETWORK = /^projects\/[^/]+\/global\/networks\/[^/]+$/;

/** Rejects with INVALID_ARGUMENT what Cloud Build refuses in a worker pool, and by name what homerun cannot give. */
export function validatePool({ displayName, config }: WorkerPool): void {
  if (displayName.length > 63) throw invalidPool("display_name", "display_name must be 1-63 characters");
  const { workerConfig, networkConfig, privateServiceConnect } = config.value ?? {};
  if (privateServiceConnect) throw unsupportedField("worker_pool.private_pool_v1_config.private_service_connect");
  if (workerConfig?.enableNestedVirtualization)
    throw unsupportedField("worker_pool.private_pool_v1_config.worker_config.enable_nested_virtualization");
  if (networkConfig?.egressOption === EgressOption.NO_PUBLIC_EGRESS)
    throw unsupportedField("worker_pool.private_pool_v1_config.network_config.egress_option NO_PUBLIC_EGRESS");
  const { machineType = "", diskSizeGb = 0n } = workerConfig ?? {};
  if (machineType !== "" && !isMachineTypeName(machineType))
    throw invalidPool("private_pool_v1_config.worker_config.machine_type", `invalid machine type "${machineType}"`);
  if (diskSizeGb < 0n || diskSizeGb > MAX_DISK_GB)
    throw invalidPool("private_pool_v1_config.worker_config.disk_size_gb", "disk_size_gb must be at most 4000");
  const network = networkConfig?.peeredNetwork ?? "";
  if (networkConfig?.peeredNetworkIpRange && network === "")
    throw invalidPool("private_pool_v1_config.network_config.peered_network", "peered_network must be given");
  if (network !== "" && !NETWORK.test(network))
    throw invalidPool("private_pool_v1_config.network_config.peered_network", `invalid network "${network}"`);
}

/** Rejects with INVALID_ARGUMENT an id that a worker pool must not have. */
export function checkPoolId(id: string): void {
  if (!/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(id))
    throw invalidArgument(`invalid worker pool ID "${id}"`, [
      { field: "worker_pool_id", description: "must be 1-63 characters of /[a-z][0-9]-/" },
    ]);
}

/** NOT_FOUND in Cloud Build's words. */
export function poolNotFound(name: string): ApiError {
  return notFound(name, "Requested entity was not found.");
}

function invalidPool(field: string, problem: string): ApiError {
  return invalidArgument(`invalid worker pool: ${problem}`, [{ field: `worker_pool.${field}`, description: problem }]);
}
