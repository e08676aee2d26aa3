import { clone } from "@bufbuild/protobuf";
import {
  type VpcAccess,
  VpcAccess_VpcEgress,
  VpcAccessSchema,
} from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import type { Violation } from "../validate/violations.ts";

const CONNECTOR = /^(projects\/[^/]+\/locations\/[^/]+\/connectors\/)?[a-z]([-a-z0-9]*[a-z0-9])?$/;
const NETWORK = /^(projects\/[^/]+\/(global|regions\/[^/]+)\/(networks|subnetworks)\/)?[a-z]([-a-z0-9]*[a-z0-9])?$/;
const TAG = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Access to a network with its default egress. Google: vendor_settings.proto, VpcAccess. */
export function withVpcAccessDefaults(given: VpcAccess): VpcAccess {
  const access = clone(VpcAccessSchema, given);
  if (access.connector !== "" || access.networkInterfaces.length > 0) {
    access.egress ||= VpcAccess_VpcEgress.PRIVATE_RANGES_ONLY;
  }
  return access;
}

/** Faults of access to a network; `at` is its v2 path. */
export function vpcAccessViolations({ connector, networkInterfaces, egress }: VpcAccess, at: string): Violation[] {
  const isNowhere = connector === "" && networkInterfaces.length === 0;
  return [
    ...(CONNECTOR.test(connector) || connector === ""
      ? []
      : [{ field: `${at}.connector`, description: `Invalid VPC connector name '${connector}'.` }]),
    ...(connector !== "" && networkInterfaces.length > 0
      ? [{ field: at, description: "VPC connector and direct VPC can not be used together." }]
      : []),
    ...(networkInterfaces.length > 1
      ? [{ field: `${at}.network_interfaces`, description: "Only one network interface is supported." }]
      : []),
    ...(isNowhere && egress !== VpcAccess_VpcEgress.VPC_EGRESS_UNSPECIFIED
      ? [{ field: `${at}.egress`, description: "VPC egress needs a connector or a network interface." }]
      : []),
    ...networkInterfaces.flatMap((each, index) => [...interfaceViolations(each, `${at}.network_interfaces[${index}]`)]),
  ];
}

function* interfaceViolations(
  { network, subnetwork, tags }: VpcAccess["networkInterfaces"][number],
  at: string,
): Iterable<Violation> {
  if (network === "" && subnetwork === "") {
    yield { field: at, description: "At least one of network or subnetwork must be specified." };
  }
  if (network !== "" && !NETWORK.test(network)) {
    yield { field: `${at}.network`, description: `Invalid network name '${network}'.` };
  }
  if (subnetwork !== "" && !NETWORK.test(subnetwork)) {
    yield { field: `${at}.subnetwork`, description: `Invalid subnetwork name '${subnetwork}'.` };
  }
  for (const tag of tags)
    if (!TAG.test(tag)) yield { field: `${at}.tags`, description: `Invalid network tag '${tag}'.` };
}
