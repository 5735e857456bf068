/**
 * `npm test` sets up, runs the checks, and runs the tests against a real Temporal server. `npm test -- <part> …` runs
 * only the test files whose paths contain one of the parts, without the checks. With `soak` or `conformance` as the
 * first argument, it runs this suite instead, without the checks.
 */
import { checkSteps } from './lib/check-steps.mjs';
import { provideGoProgram } from './lib/go-tool.mjs';
import { runTests, testFiles } from './lib/run-tests.mjs';
import { buildStep, dependenciesStep, temporalStep } from './lib/setup-steps.mjs';
import { createSteps, duration, runScript } from './lib/steps.mjs';

await runScript(async () => {
  const began = Date.now();
  const args = process.argv.slice(2);
  const suite = args[0] === 'conformance' || args[0] === 'soak' ? args.shift() : undefined;

  const steps = createSteps();
  await dependenciesStep(steps);
  const temporal = await temporalStep(steps);
  await buildStep(steps);
  // Built before the tests, because the build takes longer than a test may take.
  if (suite === 'conformance')
    await steps.step(
      'Knative',
      (progress) => provideGoProgram('knative', { onProgress: progress }),
      (path) => path ?? 'not built: Go is missing',
    );
  if (args.length === 0 && suite === undefined) await checkSteps(steps);

  const files = await testFiles(suite, args);
  if (files.length === 0)
    throw new Error(`no test file matches ${[suite, ...args].filter(Boolean).join(' ')}`);
  const ready = Date.now();
  const repeatFailed = process.env.SLUICE_REPEAT_FAILED_TESTS === 'on';
  const { problems, flaky } = await runTests(files, { temporal, repeatFailed });
  for (const file of flaky)
    console.log(steps.paint(33, `! FLAKY: ${file} failed beside other tests, and passed alone`));
  for (const problem of problems) console.log(steps.paint(31, `✗ ${problem}`));
  console.log(
    `${problems.length === 0 ? steps.paint(32, '✓ all tests pass, nothing is left behind') : steps.paint(31, '✗ failed')}` +
      `  (${files.length} files, set-up and checks ${duration(ready - began)}, tests ${duration(Date.now() - ready)})`,
  );
  if (!process.env.ZIP_CORPUS) {
    console.log(
      steps.paint(
        33,
        '! ZIP_CORPUS IS NOT SET: the tests over the corpus of real and hostile zips DID NOT RUN',
      ),
    );
  }
  if (problems.length > 0) process.exitCode = 1;
});
