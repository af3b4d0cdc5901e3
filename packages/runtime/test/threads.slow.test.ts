import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('threads that are never ended do not keep a process alive', async () => {
  const program = `
    import { initialize, sequence } from '@pare/architectures';
    import { seededRandom } from '@pare/core';
    import { createRuntime } from '@pare/runtime';
    import { threads } from '@pare/runtime/threads';
    const layers = sequence([16, 48, 48], [{ kind: 'conv2d', name: 'conv', filters: 64, kernelSize: 3, padding: 1 }]);
    const runtime = createRuntime(initialize(layers, seededRandom(1)), { threads: threads(3) });
    await runtime.warmUp();
    console.log(runtime.threads);
  `;
  const given = ['--conditions=@pare/source', '--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, given, {
    cwd: new URL('..', import.meta.url),
    timeout: 30_000, // kills it, which is an error
  });
  expect(stdout).toBe('3\n');
});
