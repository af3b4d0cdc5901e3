import { applyDelta, encodeDelta } from '../../../packages/format/src/delta.ts';
import { encodeModel } from '../../../packages/format/src/index.ts';
import { smallNetwork } from '../../../packages/testkit/src/models.ts';
import { defineTarget, type Target } from '../target.ts';
import { LIMITS } from './container.ts';

/** The file that the delta was made for. */
interface Told {
  readonly old: Uint8Array;
}

// Signature, version and the checksum of the old file. What it makes is checked at its end, when all the damage is done.
const START = 9;

export const delta: Target = defineTarget<Told>({
  name: 'delta',
  weight: 0.4,
  mostBytes: 2 ** 25,
  seeds() {
    const coding = 'fast';
    return (['dense', 'masked', 'shared'] as const).flatMap((kind) => {
      const old = encodeModel(smallNetwork({ kind }), { coding });
      const nexts = [
        encodeModel(smallNetwork({ kind, seed: 2 }), { coding }),
        encodeModel(smallNetwork({ kind, hidden: 8 }), { coding }),
        encodeModel({ ...smallNetwork({ kind }), labels: ['a', '__proto__'] }, { coding: 'small' }),
      ];
      return nexts.map((next, i) => ({ what: `${kind} ${i}`, bytes: encodeDelta(old, next), told: { old } }));
    });
  },
  read(bytes, { old }, random) {
    const delta = bytes.slice();
    // Nearly always for this very file, as every other is refused at once.
    if (random.integer(10) > 0 && delta.length > START) delta.set(started(old), 0);
    return applyDelta(old, delta, { limits: LIMITS });
  },
  allows: (error) => error instanceof RangeError && error.message.startsWith('applyDelta: "old" expected'),
});

const starts = new Map<Uint8Array, Uint8Array>();

/** How a delta for a file begins. */
function started(old: Uint8Array): Uint8Array {
  const known = starts.get(old) ?? encodeDelta(old, old).slice(0, START);
  starts.set(old, known);
  return known;
}
