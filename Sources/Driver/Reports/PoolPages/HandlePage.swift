extension PoolPage {
  static let handle = PoolPage(
    summary: "Pools of equal blocks, ascending by size, whose objects are reached by handles that tell stale ones",
    layout: [
      "handle   | pool | block | version |     4 | 16 | 12 bits, or 8 | 24 | 32",
      "            │       │       └ must be what the block's entry says",
      "            ▼       ▼",
      "         a pool ─► {version, link} a block │ blocks of 64K │ 32K │ … │ 16",
    ],
    steps: [
      ("allocate", "a block of the first pool that fits, of a larger one if that is empty: O(1), O(pools) for a spill"),
      ("access", "two range checks, one compare of versions, one shift: O(1), at each access"),
      ("free", "one compare finds stale handles and double frees; the block joins the free list: O(1)"),
      ("resize", "by the same handle while the block has room, else a copy and a new handle"),
      ("give back", "nothing: all memory is there from the start"),
    ],
    limits: [
      "A version of v bits comes round after 2^(v−1) reuses of a block, 2^v with version=literal.",
      "With version=literal a freed block's handle is valid until the block is used again, and a double free is not seen.",
      "A handle that was made up, not handed out, may pass.",
      "No request above largest, no more than size bytes a pool; what does not fit is refused and counted.",
      "One owner: with several lanes it is one set of pools a lane.",
    ],
    use:
      "For references that outlive their objects, as between parts of a game; not for data that is visited all the time "
      + "through its handle.",
    source: "the common scheme of handle managers, which fixes no widths: 4|16|12 and 8|24|32 bits are ours")
}
