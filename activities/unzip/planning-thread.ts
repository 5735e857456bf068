/** The worker thread of `planInThread`: plans its input, answers once, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { InvalidInput } from '../../domain/errors.ts';
import { type PlanInput, planArchive } from '../../domain/zip/plan-archive.ts';
import type { PlanThreadResult } from './plan-in-thread.ts';

function planResult(): PlanThreadResult {
  const input = workerData as PlanInput;
  try {
    // A Buffer arrives as a plain Uint8Array.
    const { buffer, byteOffset, byteLength } = input.directory;
    return { plan: planArchive({ ...input, directory: Buffer.from(buffer, byteOffset, byteLength) }) };
  } catch (error) {
    if (error instanceof InvalidInput) return { invalid: { type: error.type, message: error.message } };
    return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.postMessage(planResult());
