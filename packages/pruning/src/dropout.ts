/**
 * Lowers a dropout rate for retraining: with fewer connections there is less to over-fit with.
 *
 * D_r = D_o · √(C_ir / C_io), with D_o = `rate`, C_io = `connectionsBefore`, C_ir = `connectionsAfter`: the capacity of
 * a layer falls with the root of its connections, since those grow with the square of its neurons.
 *
 * @param rate - dropped share of the dense net, 0 … 1
 * @param connectionsBefore - of the layer, > 0
 * @param connectionsAfter - kept ones, 0 … `connectionsBefore`
 * @throws RangeError if an argument is outside its range
 * @example
 * adjustedDropout(0.5, 400, 36) // 0.15
 * @see Han, Pool, Tran, Dally 2015, equations 1 and 2
 */
export function adjustedDropout(rate: number, connectionsBefore: number, connectionsAfter: number): number {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`adjustedDropout: "rate" expected 0 … 1, got ${rate}`);
  if (!(connectionsBefore > 0 && Number.isFinite(connectionsBefore))) {
    throw new RangeError(`adjustedDropout: "connectionsBefore" expected a count > 0, got ${connectionsBefore}`);
  }
  if (!(connectionsAfter >= 0 && connectionsAfter <= connectionsBefore)) {
    throw new RangeError(
      `adjustedDropout: "connectionsAfter" expected 0 … ${connectionsBefore}, got ${connectionsAfter}`,
    );
  }
  return rate * Math.sqrt(connectionsAfter / connectionsBefore);
}
