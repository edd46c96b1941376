/** The column of each row's greatest value; the lowest wins among equals. */
export function argmaxReference(logits: Float32Array, width: number): Uint32Array {
  return Uint32Array.from({ length: logits.length / width }, (_, row) => {
    let best = 0;
    for (let i = 1; i < width; i++) if (logits[row * width + i]! > logits[row * width + best]!) best = i;
    return best;
  });
}
