extension PoolPage {
  static let pgSlab = PoolPage(
    summary: "PostgreSQL's memory context for chunks of one size, whose blocks are sorted by how full they are.",
    layout: [
      " list 1 ─► block ─► block      fuller:  used first",
      " list 2 ─► block               emptier",
      " list 0 ─► block               full",
      " empty  ─► block               at most 10, further ones go back to malloc",
      " block of 8 KiB:  | header 48 B | 8 + chunk | 8 + freed | … never used … |",
    ],
    steps: [
      ("allocate", "a freed chunk of the fullest block, else one never used: O(1)"),
      ("free", "pushes onto the block's list; a block that crosses a bound moves to the other list: O(1)"),
      ("resize", "nothing but sizes that the chunk holds"),
      ("scope end", "resets the context, or deletes it: all blocks go to malloc, O(blocks)"),
      ("give back", "the empty blocks"),
    ],
    limits: [
      "Requests of one size, of which a block must hold at least one; alignment 8.",
      "A pair of calls that fills or empties a block moves it between lists, each with several misses.",
      "One owner: each lane has contexts of its own, and no other lane frees their objects.",
    ],
    use: "Good for one kind of object whose number rises and falls, since nearly empty blocks are left alone until "
      + "they can go. Slower than a bare free list, which keeps everything.",
    source: "PostgreSQL 17, src/backend/utils/mmgr/slab.c")
}
