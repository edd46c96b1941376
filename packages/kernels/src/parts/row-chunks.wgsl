// What a workgroup of an op that goes element by element takes: CHUNK elements of one row, or what is left of it.
// Needs a lanes part.
override CHUNK: u32;

struct Chunk {
  row: u32,
  first: u32,   // elements of the row from first up to end
  end: u32,
}

fn chunk_of(group: Workgroup, width: u32) -> Chunk {
  let id = group.id.y * group.grid.x + group.id.x;
  let chunks = (width + CHUNK - 1u) / CHUNK;   // of a row
  let first = (id % chunks) * CHUNK;
  return Chunk(id / chunks, first, min(first + CHUNK, width));
}
