const FRAME_HEADER_BYTES = 5;
const STRING_FIELD_1 = 0x0a;
const NUMBER_FIELD_1 = 0x08;
const SERVING = 1;
const MORE = 0x80;

/** A gRPC frame with HealthCheckRequest { service = 1 }. Google: grpc/health/v1/health.proto. */
export function healthCheckRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const message = Buffer.concat(name.length === 0 ? [] : [Buffer.from([STRING_FIELD_1, ...varint(name.length)]), name]);
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** Whether a gRPC frame holds HealthCheckResponse { status = SERVING }. */
export function isServing(frame: Buffer): boolean {
  return frame[FRAME_HEADER_BYTES] === NUMBER_FIELD_1 && frame[FRAME_HEADER_BYTES + 1] === SERVING;
}

function varint(value: number): number[] {
  return value < MORE ? [value] : [(value % MORE) | MORE, ...varint(Math.floor(value / MORE))];
}
