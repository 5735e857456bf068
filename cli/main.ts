import { runCommandLine } from './run-command-line.ts';

// A closed pipe (`| head`) or a closed terminal is not an error.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const code = await runCommandLine(process.argv.slice(2));
// Without a code, the command has started the gateway, a worker or another part of Sluice in this process. This part
// runs until a stop signal.
if (code !== undefined) process.exitCode = code;
