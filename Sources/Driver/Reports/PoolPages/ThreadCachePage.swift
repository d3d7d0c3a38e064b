extension PoolPage {
  static let threadCache = PoolPage(
    summary: "Any size, any thread: stacks of each thread, central lists of each size class, and a heap of pages.",
    layout: [
      "user ⇄ thread's stacks ⇄ central lists: whole batches ⇄ spans ⇄ page heap",
      "       no lock           a lock a class                   one lock",
      "address ─► page map ─► size class (a byte a page), span",
    ],
    steps: [
      ("allocate", "up to 256 KiB: the class's latest, no atomic; empty: a batch, else a span's lowest addresses"),
      ("free", "the class by a byte of the page map, then a push; full: the oldest batch goes on, or eight objects"),
      ("resize", "in place while the block is at least half used; large objects by their neighbours or mremap"),
      ("scope end", "one free an object"),
      ("give back", "by a thread of its own: pages that nobody needed for 0.4 s, and caches of idle threads"),
    ],
    limits: [
      "Each thread and class may hold two batches of up to 64 KiB; in all threads 32 MiB.",
      "A span serves one class until all its objects are back: one live object keeps it.",
      "A double free is found when nothing of the class was freed between, else only when it reaches a span.",
    ],
    use: "In place of malloc. profile=gperf and profile=tutorial are the same tiers by the rules of two sources.",
    source: "tcmalloc: classes and tiers as in gperftools 2.10, stacks as its later caches, bitmaps as jemalloc's.")
}
