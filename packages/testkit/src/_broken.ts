import type { ContractCase } from './contract.ts';

/** Lists the sentences of a contract that do not hold. */
export async function brokenPromises(cases: readonly ContractCase[]): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const { name, check } of cases) {
    try {
      await check();
    } catch {
      broken.push(name);
    }
  }
  return broken;
}
