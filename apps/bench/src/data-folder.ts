import { fileURLToPath } from 'node:url';

/** Where the real networks are, if they are there: the folder that `PARE_DATA` names, else the one beside the repository. */
export const dataFolder: string =
  process.env.PARE_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
