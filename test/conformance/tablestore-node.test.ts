import { after } from 'node:test';
import { type RunningTablestore, startTablestore } from '../local/tablestore/running-tablestore.ts';
import { testAllCasesWith } from './tablestore-conform.ts';
import { nodeClient } from './tablestore-node-client.ts';

let running: RunningTablestore | undefined;
after(() => running?.stop());

testAllCasesWith({ name: 'node' }, async () => {
  running = await startTablestore();
  return nodeClient(running.endpoint);
});
