extension PoolPage {
  static let aset = PoolPage(
    summary: "PostgreSQL's ordinary memory context: power-of-two lists over doubling blocks, in a tree of contexts.",
    layout: [
      "one piece of malloc, 8 KiB",
      " | set | keeper: header 40 B | chunk | … free … |",
      "further pieces of malloc, each twice as big",
      " | header | chunk | … |",
      " chunk:  | header 8 B | 8, 16, 32 … 8,192 bytes |",
      " lists:  8 B ─► freed ─► freed ─► nil,  16 B ─► …",
      " tree:   lane's top ─► outer scope ─► inner scope",
    ],
    steps: [
      ("allocate", "rounds up to a power of two; pops its list, else cuts from the current block: O(1)"),
      ("new block", "carves the old one's tail into chunks for the lists; 8 KiB, doubling up to 8 MiB"),
      ("large", "above 8 KiB (1 KiB for small contexts) a block of malloc of its own"),
      ("free", "header, block, set, list: O(1); a large one goes back to malloc"),
      ("resize", "in place within the power of two, a large one by realloc, else a copy"),
      ("scope begin", "makes a child of the outer scope's context: from the cache of up to 100, else malloc"),
      ("scope end", "deletes the context and those below, or resets it: all blocks but the first go to malloc"),
      ("give back", "empties the cache; the 101st deleted context does so too"),
    ],
    limits: [
      "A size just above a power of two wastes nearly half of its chunk, and each chunk has 8 bytes of header.",
      "Chunks of one list never serve another, nor does memory leave a set before a reset.",
      "Alignment is 8; more costs as many bytes on top. Requests end at 1 GiB − 1.",
      "One owner: each lane has contexts of its own, and no other lane frees their objects.",
    ],
    use: "Good where objects of mixed lives end with a query or a tuple and some are freed earlier. Where none is "
      + "freed earlier, pg-bump and a region do less; blocks go to and come from malloc at each end of a scope that needs "
      + "more than the keeper.",
    source: "PostgreSQL 17, src/backend/utils/mmgr: aset.c, mcxt.c, memutils_memorychunk.h")
}
