import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where downloads are kept: `pare` in `XDG_CACHE_HOME`, else in `~/.cache`. A relative path in the variable is ignored, as XDG has it. */
export function cacheFolder({ XDG_CACHE_HOME: xdg, HOME: home }: Environment): string {
  return join(xdg && isAbsolute(xdg) ? xdg : join(home || homedir(), '.cache'), 'pare');
}

/** Whether `PARE_OFFLINE` forbids downloads: it is set to something other than `0`. */
export const isOffline = ({ PARE_OFFLINE: offline = '' }: Environment): boolean => !['', '0'].includes(offline);
