// SplitMix64 as the C++ agent has it (models/ids.hpp, `mixed`): the same seed draws the same waits.

const mask = 0xffff_ffff_ffff_ffffn;

function mixed(x: bigint): bigint {
  x ^= x >> 30n;
  x = (x * 0xbf58_476d_1ce4_e5b9n) & mask;
  x ^= x >> 27n;
  x = (x * 0x94d0_49bb_1331_11ebn) & mask;
  return x ^ (x >> 31n);
}

export class SeededRandom {
  #state: bigint;
  constructor(seed: bigint | number) {
    this.#state = BigInt(seed) & mask;
  }
  // [0, 1)
  uniform(): number {
    this.#state = mixed((this.#state + 0x9e37_79b9_7f4a_7c15n) & mask);
    return Number(this.#state >> 11n) * 2 ** -53;
  }
}
