import { join } from 'node:path';
import { configuredTables } from '../domain/table-definitions.ts';
import type { Log } from '../runtime/log.ts';
import type { RunningProcess } from '../runtime/run-process.ts';
import { serveAmap } from './amap/server.ts';
import { serveChannels } from './channels/server.ts';
import type { LocalConfig } from './config.ts';
import { openLocalDatabase } from './database.ts';
import { Dispatcher } from './eventbridge/dispatcher.ts';
import { Outbox, publishByRules } from './eventbridge/outbox.ts';
import { defaultRulesPath, readRules } from './eventbridge/rules.ts';
import { serveOss } from './oss/server.ts';
import { openStore } from './oss/storage/store.ts';
import { lockState } from './state-lock.ts';
import { createInitialTables } from './tablestore/initial-tables.ts';
import { serveTablestore } from './tablestore/server.ts';

/** The bucket of the packaged rule. The first start creates it. */
const FIRST_BUCKET = 'eb-ask';

/**
 * Starts the local cloud on its state directory: OSS, EventBridge (which delivers object changes to the gateway),
 * Tablestore with its Tunnel Service, and the stand-ins for AMap and for channels.
 */
export async function startLocalCloud(config: LocalConfig, log: Log): Promise<RunningProcess> {
  const { dir, gateway, accessKeyId, accessKeySecret } = config;
  const rules = readRules(config.rules ?? defaultRulesPath());
  const unlock = lockState(dir);
  const database = openLocalDatabase(join(dir, 'metadata'));
  const outbox = new Outbox(database);
  const store = await openStore(dir, database, publishByRules(rules, outbox));
  if (store.removedFiles > 0)
    log.info({ files: store.removedFiles }, 'removed the files of interrupted writes');
  store.buckets.createFirst(FIRST_BUCKET);

  const credentials = { keyId: accessKeyId, secret: accessKeySecret };
  const oss = await serveOss({ store, credentials, port: config.ossPort, log });
  const tablestoreDatabase = openLocalDatabase(join(dir, 'tablestore'));
  const instance = config.tablestoreInstance;
  const tablestore = await serveTablestore({
    ...{ database: tablestoreDatabase, credentials, instance, port: config.tablestorePort, log },
  });
  const tablestoreUrl = `http://localhost:${tablestore.port}`;
  await createInitialTables(tablestoreUrl, instance, credentials, configuredTables(config));
  const amap = await serveAmap({ port: config.amapPort, log });
  const channels = await serveChannels({ port: config.channelsPort, log });
  const dispatcher = new Dispatcher(outbox, { gateway, rules, log });
  dispatcher.start();
  return {
    endpoints: {
      ...{ oss: `http://localhost:${oss.port}`, tablestore: tablestoreUrl },
      ...{ provider: `http://localhost:${amap.port}`, channels: `http://localhost:${channels.port}` },
    },
    async stop() {
      await Promise.all([oss.close(), tablestore.close(), amap.close(1_000), channels.close(1_000)]);
      await dispatcher.stop();
      await Promise.all([database.close(), tablestoreDatabase.close()]);
      unlock();
    },
  };
}
