import { runProcess } from '../runtime/run-process.ts';
import { readLocalConfig } from './config.ts';
import { startLocalCloud } from './start-local-cloud.ts';

await runProcess('local', (log) => {
  const config = readLocalConfig();
  log.level = config.logLevel;
  return startLocalCloud(config, log);
});
