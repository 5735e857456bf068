import { parameterInvalid, unsupported } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Capacity, TableSettings } from '../storage/table-record.ts';
import type { ReservedThroughputMessage, TableOptionsMessage } from './table-messages.ts';

/** The settings of a table that was created without options. */
export const defaultSettings: TableSettings = {
  timeToLive: -1,
  maxVersions: 1,
  deviationSeconds: 86_400,
  allowUpdate: true,
};

const MAX_DEVIATION = (2n ** 63n - 1n) / 1_000_000n;

/** Returns the settings after a request. Omitted options keep their values. Throws OTSParameterInvalid. */
export function readTableOptions(options: TableOptionsMessage, old: TableSettings): TableSettings {
  if (options.updateFullRow) throw unsupported('tables whose updates replace the row (update_full_row)');
  const {
    timeToLive = old.timeToLive,
    maxVersions = old.maxVersions,
    allowUpdate = old.allowUpdate,
  } = options;
  if (timeToLive === 0 || timeToLive < -1) throw parameterInvalid('TimeToLive cannot be 0 or less than -1.');
  if (timeToLive !== -1 && timeToLive < LIMITS.shortestTimeToLive)
    throw parameterInvalid(
      `TimeToLive ${timeToLive} is less than ${LIMITS.shortestTimeToLive}: it must be -1 or at least a day.`,
    );
  if (maxVersions <= 0) throw parameterInvalid('The maximum versions cannot be less than or equal to 0.');
  const deviation = options.deviationCellVersionInSec ?? BigInt(old.deviationSeconds);
  if (deviation < 0n || deviation > MAX_DEVIATION)
    throw parameterInvalid('The maximum deviation must be in range [0, INT64_MAX/1000000].');
  return { timeToLive, maxVersions, allowUpdate, deviationSeconds: Number(deviation) };
}

/** Reads the reserved capacity, which has no effect. Throws OTSParameterInvalid if it is incomplete or negative. */
export function readCapacity({ capacityUnit: { read, write } }: ReservedThroughputMessage): Capacity {
  if (read === undefined || write === undefined)
    throw parameterInvalid('Both read and write capacity unit are required to create table.');
  for (const units of [read, write])
    if (units < 0)
      throw parameterInvalid(`Invalid Capacity Unit: ${units}. Capacity Unit must be nonnegative.`);
  return { read, write };
}
