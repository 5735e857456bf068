import { join } from 'node:path';
import type { LocalDatabase } from '../../database.ts';
import type { ObjectChangePublisher } from '../object-change.ts';
import { Buckets } from './buckets.ts';
import { ContentFiles } from './content-files.ts';
import { type OssDatabases, openOssDatabases } from './databases.ts';
import { createDigester, type Digester } from './digester.ts';
import { Objects } from './objects.ts';
import { Uploads } from './uploads.ts';

/** The storage that the operations use. */
export interface Store {
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly uploads: Uploads;
  readonly content: ContentFiles;
  readonly digester: Digester;
  /** How many files without a record were deleted at the start. A killed process leaves them. */
  readonly removedFiles: number;
}

/** Opens the object store with its content under `<dir>/objects`. `publisher` receives every change. */
export async function openStore(
  dir: string,
  database: LocalDatabase,
  publisher: ObjectChangePublisher,
): Promise<Store> {
  const tables = openOssDatabases(database);
  const content = new ContentFiles(join(dir, 'objects'));
  const swept = content.sweep(referencedFiles(tables));
  const buckets = new Buckets(tables);
  const objects = new Objects(tables, buckets, content, publisher);
  const uploads = new Uploads(tables, buckets, objects, content, publisher);
  return { buckets, objects, uploads, content, digester: await createDigester(), removedFiles: swept };
}

function referencedFiles(tables: OssDatabases): Set<string> {
  const files = new Set<string>();
  for (const table of [tables.objects, tables.parts]) {
    for (const { value } of table.getRange({})) {
      for (const { file } of value.segments) files.add(file);
    }
  }
  return files;
}
