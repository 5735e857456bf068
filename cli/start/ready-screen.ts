import { beijingDay } from '../../domain/weather/beijing-time.ts';
import type { LocalPorts } from '../../runtime/local-ports.ts';
import type { RunSummary } from '../runs/describe-run.ts';
import { durationText } from '../terminal-text.ts';
import { SAMPLE_BUCKET, SAMPLE_KEY } from './sample-run.ts';
import { sampleFiles } from './sample-zip.ts';

/** The values that the screen shows. */
export interface ReadyScreen {
  readonly ports: LocalPorts;
  readonly homeRoot: string;
  /** The command that runs the Temporal CLI: `temporal`, or its full path if it is not on PATH. */
  readonly temporalCommand: string;
  /**
   * The address options that the Temporal CLI needs if the port is not the default, or if the user's own settings
   * select another server.
   */
  readonly temporalAddressOptions: string;
  /** The run of the sample archive on the first start. */
  readonly sample: RunSummary | undefined;
}

type Paint = (code: number, text: string) => string;

const BOLD = 1;
const DIM = 2;
const CYAN = 36;

/** The screen after the start: addresses, the first run, and commands to try. */
export function readyScreen(
  { ports, homeRoot, temporalCommand, temporalAddressOptions, sample }: ReadyScreen,
  paint: Paint,
): string {
  const oss = `http://localhost:${ports.oss}`;
  const id = sample?.workflowId;
  const row = (name: string, value: string, description = '') =>
    `  ${name.padEnd(13)} ${paint(CYAN, value)}${description === '' ? '' : `  ${paint(DIM, description)}`}`;
  const examples = [
    [`curl -T your.zip ${oss}/${SAMPLE_BUCKET}/zip/your.zip`, 'unpack your own zip'],
    [
      `curl 'http://127.0.0.1:${ports.api}/api/weather/query?cityCode=110000&date=${beijingDay(Date.now())}'`,
      'show the weather of a city',
    ],
    [
      'npx sluice table put weather adcode=110000 date=2027-01-01 dayweather=小雨',
      'write a row; emits an event',
    ],
    [`${temporalCommand} workflow list${temporalAddressOptions}`, 'list the runs'],
    [`${temporalCommand} workflow describe${temporalAddressOptions} -w '${id ?? '<id>'}'`, 'show one run'],
  ] as const;
  return [
    '',
    paint(BOLD, '  Sluice is ready'),
    '',
    row('OSS', oss, `bucket ${SAMPLE_BUCKET}, key id local, secret local-secret`),
    row(
      'Tablestore',
      `http://localhost:${ports.tablestore}`,
      'instance sluice-local, the same key; table weather',
    ),
    row('gateway', `http://127.0.0.1:${ports.gateway}`, 'receives CloudEvents on /events'),
    row('api', `http://127.0.0.1:${ports.api}`, 'forecasts; described in /openapi.json'),
    row(
      'source',
      `http://127.0.0.1:${ports.source}`,
      'emits events for row changes; /status, /readyz, /metrics',
    ),
    row(
      'channels',
      `http://localhost:${ports.channels}`,
      'robots and webhooks; shows the messages that they received',
    ),
    row('worker', `http://127.0.0.1:${ports.worker}`, '/livez, /readyz, /metrics'),
    row('Temporal UI', `http://localhost:${ports.temporalUi}`),
    row('Temporal', `127.0.0.1:${ports.temporal}`),
    row('state, logs', homeRoot),
    ...(sample === undefined ? [] : ['', ...sampleLines(sample, ports, paint)]),
    '',
    paint(BOLD, '  Try'),
    '',
    ...examples.flatMap(([command, why]) => [`  ${paint(DIM, `# ${why}`)}`, `  ${command}`]),
    '',
    paint(DIM, '  Ctrl-C stops everything. The next start continues where this one stopped.'),
    '',
  ].join('\n');
}

function sampleLines(run: RunSummary, ports: LocalPorts, paint: Paint): string[] {
  const link = `http://localhost:${ports.temporalUi}/namespaces/default/workflows/${encodeURIComponent(run.workflowId)}`;
  const files = `${Object.keys(sampleFiles).length} files`;
  const what =
    run.status === 'COMPLETED' ? `unpacked ${SAMPLE_KEY} (${files})` : `did not unpack ${SAMPLE_KEY}`;
  return [
    paint(BOLD, '  The first run'),
    '',
    `  ${run.status.toLowerCase()} in ${durationText(run.tookMs)}: ${what}`,
    `  ${run.workflowId}`,
    `  ${paint(CYAN, link)}`,
  ];
}
