/** The service's limits (Tablestore, general limits). Sizes are in bytes. */
export const LIMITS = {
  keyColumns: 4,
  keyColumnBytes: 1_024,
  columnBytes: 2_097_152,
  definedColumns: 32,
  columnsPerWrite: 1_024,
  columnsToGet: 128,
  requestBytes: 4 * 1_048_576,
  rowsPerBatchWrite: 200,
  rowsPerBatchRead: 100,
  rowsPerPage: 5_000,
  pageBytes: 4 * 1_048_576,
  filters: 32,
  filterDepth: 32,
  /** Fields of a request, including nested messages. The service documents no limit. Real requests have far fewer. */
  fieldsPerRequest: 65_536,
  streamHours: 168,
  shortestTimeToLive: 86_400,
} as const;
