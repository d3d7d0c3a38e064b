extension PoolPage {
  static let fixedChunk = PoolPage(
    summary: "Objects of one size from chunks of 128 KiB by a cursor, freed ones first.",
    layout: [
      "head ─► freed object ─► freed object ─► nil     link in the first word",
      "128 KiB: | object | object ◄ cursor   never touched yet   | tail: dropped |",
      "                           └───────── remaining ──────────────────────────┘",
    ],
    steps: [
      ("allocate", "takes the list's first: 2 loads, 1 store; else moves the cursor: 3 loads, 2 stores; else a chunk"),
      ("free", "pushes on the list: 1 load, 2 stores; nothing is checked"),
      ("resize", "in place up to the object size, else refused"),
      ("scope end", "one free an object"),
      ("give back", "nothing before the pool ends"),
    ],
    limits: [
      "One size of at most 128 KiB, one lane; with several lanes it is a pool each, and the owner frees.",
      "What is left of a chunk behind its last object is lost: up to nearly half of it for large objects.",
      "A system call for each 128 KiB while it grows.",
    ],
    use: "As fixed-block, and better while a pool grows, for nothing is touched ahead; the metadata of larger pools.",
    source: "The fixed-length pool (定长内存池) of the lessons on tcmalloc, with its chunks remembered so that it can end.")
}
