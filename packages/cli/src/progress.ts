import { createLogUpdate } from 'log-update';

/** Shows how far long work is, on stderr. */
export interface ProgressLine {
  update(what: string, done: number): void;
  /** Takes the line away. */
  clear(): void;
}

/** Elsewhere than on a terminal a line is printed at each new phase only. */
export function progressLine(stream: NodeJS.WriteStream, quiet: boolean): ProgressLine {
  if (quiet) return { update() {}, clear() {} };
  if (!stream.isTTY) {
    let last = '';
    return {
      update(what) {
        const phase = what.split(':')[0]!;
        if (phase !== last) stream.write(`${phase} …\n`);
        last = phase;
      },
      clear() {},
    };
  }
  // The cursor stays: hiding it takes over Ctrl-C, which then waits for the computation instead of ending it.
  const log = createLogUpdate(stream, { showCursor: true });
  return {
    update: (what, done) =>
      log(
        `${'█'.repeat(Math.round(20 * done)).padEnd(20, '░')} ${String(Math.floor(100 * done)).padStart(3)} %  ${what}`,
      ),
    clear: () => log.clear(),
  };
}
