extension PoolPage {
  static let pgGeneration = PoolPage(
    summary: "PostgreSQL's memory context for queues: chunks in a row, blocks that go when all of them are freed.",
    layout: [
      " | context | keeper: header 56 B | chunk | freed | … |",
      " | header: made 90, freed 41 | chunk | freed | … | current",
      " | header: made 0            | … free … | spare, at most 1",
      " chunk:  | header 8 B | size rounded up to 8 |",
    ],
    steps: [
      ("allocate", "cuts from the current block; else the spare one, the empty keeper, a new one: O(1)"),
      ("large", "above 512 KiB (512 B for small contexts) a block of malloc of its own"),
      ("free", "counts; the last one of a block makes it the spare, or gives it back: O(1)"),
      ("resize", "in place if it fits, else a copy"),
      ("scope end", "resets the context, or deletes it: all blocks but the first go to malloc"),
      ("give back", "the spare block"),
    ],
    limits: [
      "A freed chunk is not used again before its whole block is: one old object holds a block of up to 8 MiB.",
      "Each chunk has 8 bytes of header; alignment is 8, more costs as many bytes on top.",
      "Requests end at 1 GiB − 1. One owner: no other lane frees its objects.",
    ],
    use: "Good for objects that die about in the order in which they were made, and for those that end with a scope. "
      + "With lives that differ widely it grows without bound: see its memory beside aset's.",
    source: "PostgreSQL 17, src/backend/utils/mmgr/generation.c")
}
