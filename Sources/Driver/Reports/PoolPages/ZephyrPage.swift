extension PoolPage {
  static let zephyr = PoolPage(
    summary: "A fixed buffer of equal blocks, each split into four, and those into four, as requests ask",
    layout: [
      "level 0   |            64K            |            64K            | …",
      "level 1   |  16K |  16K |  16K |  16K |  16K | …",
      "level 2   |4K|4K|4K|4K|4K| …",
      " …        down to min; a free block holds the two links of its level's list",
    ],
    steps: [
      (
        "allocate",
        "the first block of the deepest level that is large enough, else the nearest larger one, split once a level: "
          + "O(levels), 11 at most"
      ),
      ("free", "to the end of its level's list; four free quarters of one parent become the parent: O(levels)"),
      ("resize", "in place within a level, else a copy"),
      ("give back", "nothing: the buffer is all there is"),
    ],
    limits: [
      "A size just above a level's takes a block four times as large: 65 bytes take 256.",
      "Only quarters of one parent merge, top blocks never, so that it refuses requests while enough bytes are free.",
      "No request above largest, and no more than blocks × largest bytes; what does not fit is refused and counted.",
      "All lanes share one lock, which each call takes and releases.",
    ],
    use:
      "For small systems that want a bound on time and memory known beforehand; not where sizes vary within a factor "
      + "of four, nor for many threads.",
    source: "Zephyr's lib/os/mempool.c and kernel/mempool.c, as last before version 2.5")
}
