import { runCommandLine } from './run-command-line.ts';

// If the reader closes the pipe (`| head`) or the terminal is closed, this is not an error.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const code = await runCommandLine(process.argv.slice(2));
// Without a code, a process is running now and ends by itself.
if (code !== undefined) process.exitCode = code;
