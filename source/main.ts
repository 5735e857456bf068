import { messageOf } from '../domain/errors.ts';
import { runProcess } from '../runtime/run-process.ts';
import { sourceConfig } from './config.ts';
import { startSource } from './start.ts';

await runProcess('source', (log) => {
  const config = sourceConfig();
  log.level = config.logLevel;
  return startSource(config, log, (error) => {
    log.fatal({ reason: messageOf(error) }, 'the source stops because of a fatal error');
    process.exit(1);
  });
});
