import { addressHelp, gatewayOption, resolveGateway, resolveTemporal, temporalOptions } from './addresses.ts';
import { parseCommand } from './command.ts';
import { readCliConfig } from './config.ts';
import { checkOss } from './doctor/check-oss.ts';
import { checkRouteQueues } from './doctor/check-routes.ts';
import { checkSource, checkTablestore } from './doctor/check-tablestore.ts';
import { checkTemporal } from './doctor/check-temporal.ts';
import type { Finding } from './doctor/checks.ts';
import { checkFreeSpace, checkGateway, checkNode } from './doctor/checks.ts';
import { liveEndpoints } from './endpoints-file.ts';
import { printJson } from './terminal-text.ts';

/** The text of `sluice doctor --help`. */
export const help = `
Checks a set-up: Node.js, Temporal and its namespace, the workers for each route, the gateway, OSS, Tablestore, the source,
disk space. Changes nothing.

usage: sluice doctor [options] [--json]

--gateway <url>          the gateway's address
--address <host:port>    Temporal's address
--namespace <name>       Temporal's namespace
--routes <file>          the gateway's routes file; otherwise SLUICE_ROUTES. The shipped routes are always checked

OSS and Tablestore are those of a running \`sluice start\`, or those in OSS_… and TABLESTORE_….
${addressHelp}
`;

/** Prints one line for each finding, with a remedy for each fault. Returns 1 if there is a fault. */
export async function run(args: readonly string[]): Promise<number> {
  const options = {
    ...gatewayOption,
    ...temporalOptions,
    routes: { type: 'string' },
    json: { type: 'boolean', default: false },
  } as const;
  const { values } = parseCommand(args, options);
  const config = readCliConfig();
  const endpoints = liveEndpoints(config.home);
  const found = await Promise.all([
    checkNode(process.versions.node),
    checkTemporal(resolveTemporal(values, config, endpoints)),
    checkRouteQueues(resolveTemporal(values, config, endpoints), config, values.routes),
    checkGateway(resolveGateway(values, config, endpoints)),
    checkOss(config, endpoints),
    checkTablestore(config, endpoints !== undefined),
    checkSource(endpoints),
    checkFreeSpace(config.home),
  ]);
  const findings = found.flat();
  if (values.json) printJson(findings);
  else for (const finding of findings) console.log(findingText(finding));
  return findings.every(({ ok }) => ok) ? 0 : 1;
}

function findingText({ ok, what, says, remedy }: Finding): string {
  const line = `${ok ? '✓' : '✗'} ${what.padEnd(18)} ${says}`;
  return ok || remedy === undefined ? line : `${line}\n  ${''.padEnd(18)} → ${remedy}`;
}
