import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { randomIds } from "../../../platform/ids.ts";

/** The content of a file that is being changed, in a file without a name that disappears with the process. */
export class StagedFile implements Disposable {
  readonly fd: number;
  size = 0;
  mtimeMs: number;
  #version = 0;
  #uploadedVersion = 0;

  constructor(folder: string, mtimeMs: number) {
    const path = join(folder, randomIds.uuid());
    this.fd = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    this.mtimeMs = mtimeMs;
  }

  /** Changes with every change of content or metadata. */
  get version(): number {
    return this.#version;
  }

  /** Whether something changed that is not uploaded. */
  get dirty(): boolean {
    return this.#version !== this.#uploadedVersion;
  }

  read(offset: number, size: number): Buffer {
    const length = Math.max(0, Math.min(size, this.size - offset));
    const content = Buffer.allocUnsafe(length);
    return content.subarray(0, readSync(this.fd, content, 0, length, offset));
  }

  write(offset: number, data: Uint8Array, nowMs: number): void {
    for (let done = 0; done < data.length;) done += writeSync(this.fd, data, done, data.length - done, offset + done);
    this.size = Math.max(this.size, offset + data.length);
    this.changed(nowMs);
  }

  truncate(size: number, nowMs: number): void {
    ftruncateSync(this.fd, size);
    this.size = size;
    this.changed(nowMs);
  }

  /** Says that content or time is not what was uploaded. */
  changed(mtimeMs: number): void {
    this.mtimeMs = mtimeMs;
    this.#version++;
  }

  /** Says that this version is what the object holds. */
  uploaded(version: number): void {
    this.#uploadedVersion = version;
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}
