const TEST_FILE = /test\/[\w./-]+\.test(?=\.[jt]s)/;

/**
 * A reporter of node:test that prints the compiled file of each failed test, one line each: `dist/test/….test.js`.
 * Prints `?` if the file is unknown. If a helper has declared the test, only the stack of the test's error names the
 * test file.
 */
// biome-ignore lint/style/noDefaultExport: node:test takes a reporter's default export.
export default async function* failedFiles(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:fail') continue;
    const { error } = data.details;
    const [path] =
      TEST_FILE.exec(data.file ?? '') ?? TEST_FILE.exec(String((error.cause ?? error).stack)) ?? [];
    yield path === undefined ? '?\n' : `dist/${path}.js\n`;
  }
}
