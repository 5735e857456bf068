import type { Case } from '../tablestore-case.ts';
import { batchCases } from './batches.ts';
import { conditionCases } from './conditions.ts';
import { rangeCases } from './ranges.ts';
import { rowCases } from './rows.ts';
import { tableCases } from './tables.ts';
import { versionCases } from './versions.ts';

/** The behaviour of the local Tablestore for every client of the data plane. */
export const allCases: readonly Case[] = [
  ...tableCases,
  ...rowCases,
  ...versionCases,
  ...conditionCases,
  ...rangeCases,
  ...batchCases,
];
