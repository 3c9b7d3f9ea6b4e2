// Reads vitest's JSON report: prints "passed failed" to standard output and, to standard error, each test that
// failed with the first lines of why. A file that could not even be loaded counts as one failure.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const report = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Report;
const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
  const file = relative('.', name);
  const failed = assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => ({ test: `${file}: ${test.fullName}`, why: test.failureMessages.join('\n') }));
  return status === 'failed' && failed.length === 0 ? [{ test: file, why: message }] : failed;
});

for (const { test, why } of failures) {
  const head = why
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('at '))
    .slice(0, 4)
    .join('\n         ');
  console.error(`  FAIL   ${test}\n         ${head}`);
}
console.log(`${report.numPassedTests} ${failures.length}`);
