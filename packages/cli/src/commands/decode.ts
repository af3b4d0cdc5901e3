import type { Command } from 'commander';
import type { Surroundings } from '../program.ts';
import { addOutput, convert } from './convert.ts';

export function addDecode(program: Command, surroundings: Surroundings, end: (code: number) => void): void {
  const command = program
    .command('decode')
    .summary('.pare file → model file for other programs')
    .description('Decodes a .pare file. A tfjs model comes back with its own topology.')
    .argument('<in>', 'a .pare file');
  addOutput(command).action(async (input: string, options: Parameters<typeof convert>[1]) =>
    end(await convert(input, { ...options, from: 'pare' }, surroundings)),
  );
}
