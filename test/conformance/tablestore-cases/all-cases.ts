import type { Case } from '../tablestore-case.ts';
import { batchCases } from './batches.ts';
import { conditionCases } from './conditions.ts';
import { rangeCases } from './ranges.ts';
import { rowCases } from './rows.ts';
import { tableCases } from './tables.ts';
import { versionCases } from './versions.ts';

/** What every client of the data plane must see of the local Tablestore. */
export const allCases: readonly Case[] = [
  ...tableCases,
  ...rowCases,
  ...versionCases,
  ...conditionCases,
  ...rangeCases,
  ...batchCases,
];
