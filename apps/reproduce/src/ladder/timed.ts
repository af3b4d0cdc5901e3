/**
 * Tells how long a piece of work kept a core busy, in seconds: what it takes on a machine that has nothing else to do, whatever
 * else this one does meanwhile.
 *
 * The time that passed is the most it can be, and so is the processor time of the whole process.
 */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly made: T; readonly seconds: number }> {
  const [started, used] = [performance.now(), process.cpuUsage()];
  const made = await work();
  const { user, system } = process.cpuUsage(used); // microseconds
  return { made, seconds: Math.min((performance.now() - started) / 1e3, (user + system) / 1e6) };
}
