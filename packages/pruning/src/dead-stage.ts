import type { Stage } from '@pare/core';
import { withoutDeadNeurons } from './dead.ts';

/**
 * Makes the stage that prunes what is left of neurons without inputs or without outputs, as `withoutDeadNeurons` does.
 *
 * @example
 * removeDeadNeurons().name // 'removeDeadNeurons'
 * @see Han, Pool, Tran, Dally 2015, section 3.5
 */
export const removeDeadNeurons = (): Stage => ({ name: 'removeDeadNeurons', run: withoutDeadNeurons });
