import { spawn } from 'node:child_process';
import { ROOT } from './_workspace.mjs';

/** What is running now, each the head of a process group of its own. */
const children = new Set();

function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of children) killGroup(child, 'SIGTERM');
    process.exit(130);
  });
}

/**
 * Runs a command to its end, or for `seconds` at most: then it and all that it started are killed.
 *
 * @returns {Promise<{ code: number, stdout: string, output: string }>} code −1 if killed; output has both streams as they came
 */
export function run([command, ...args], { cwd = ROOT, env = {}, seconds = 300 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a process group of its own, so that nothing survives it
    });
    children.add(child);
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      output += `\nkilled: not done after ${seconds} s\n`;
      killGroup(child, 'SIGTERM');
      setTimeout(killGroup, 3000, child, 'SIGKILL').unref(); // 3 s: time enough for a browser to be closed
    }, seconds * 1000);
    const end = (code, text = '') => {
      clearTimeout(late);
      children.delete(child);
      resolve({ code: isLate ? -1 : code, stdout, output: output + text });
    };
    child.on('error', (error) => end(-1, `${error.message}\n`));
    child.on('close', (code) => end(code ?? -1));
  });
}

/** Runs a command that must succeed. @throws Error with its output */
export async function mustRun(command, options) {
  const result = await run(command, options);
  if (result.code !== 0) throw new Error(`${command.join(' ')} ended with ${result.code}\n${result.output}`);
  return result;
}
