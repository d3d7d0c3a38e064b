extension PoolPage {
  static let buddy = PoolPage(
    summary: "Linux's page allocator: blocks of 2^k pages, split in halves and merged with their buddies.",
    layout: [
      "lane     order 0 ◇ ⇄ ◇ ⇄ ◇   … order 3 ◇ ⇄ ◇    no lock",
      "              ▲ 63 pages at a time",
      "zone     order 0 ◇ ⇄ ◇   order 1 ◇   …   order 10 one lock",
      "              ▼ split     ▲ merge: page XOR 2^k",
      "window   | 4 MiB | 4 MiB | …     | not grown yet |",
      "frames   64 bytes a page, apart: links lie here",
    ],
    steps: [
      (
        "allocate",
        "pops a block from the lane's list of its order; from order 4 on, or empty, from the zone: ≤ 10 splits"
      ),
      ("free", "reads the order from the block's frame, pushes; from 378 pages on 63 go back: ≤ 10 merges each"),
      ("resize", "in place while the order stays, else copies"),
      ("aligned", "blocks are aligned to their size, so a block as large as the alignment"),
      ("give back", "drains the lanes' lists and discards all free blocks"),
    ],
    limits: [
      "The least object takes a page; sizes are rounded up to a power of two of pages, at worst to twice as much.",
      "Requests above 4 MiB are refused.",
      "A block merges only with its buddy of the same order: neighbours may both be free and stay apart.",
      "One page in use keeps a block of 4 MiB from being whole.",
      "64 GiB of address space are reserved, and 1/64 of what is used goes into frames.",
    ],
    use: "Good for pages and as the layer under a slab. Not for small objects, for which it wastes nearly all.",
    source: "Linux, mm/page_alloc.c; D. Knuth, TAOCP 1, 2.5: buddy system; K. Knowlton, CACM 8 (1965)."
  )
}
