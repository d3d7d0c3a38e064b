extension PoolPage {
  static let slab = PoolPage(
    summary:
      "Linux's kmalloc: a cache for each of 13 sizes, each cut from slabs of a few pages, over the buddy system.",
    layout: [
      "cpu=classic   list ► ◻ ► ◻     slab ► ◇, frozen",
      "              partial ► ◇ ► ◇  frozen slabs of the lane",
      "cpu=sheaves   main [◻ ◻ ◻ · ·]   spare [◻ ◻ ◻ ◻ ◻]",
      "barn          full ▣ ► ▣  ≤ 10   empty ▢ ► ▢",
      "cache         ◇ ⇄ ◇ ⇄ ◇  slabs with free objects",
      "slab          | object | object | … | rest |",
      "buddy         1 to 8 pages a slab",
    ],
    steps: [
      (
        "allocate",
        "classic: pops the lane's list by one exchange of list and number; sheaves: takes the main array's last"
      ),
      (
        "free",
        "finds the slab by the page; own slab or array: as cheap; another's: one exchange of 128 bits on the slab"
      ),
      ("resize", "stays while the object fits, however little is left of it; else copies"),
      ("aligned", "sizes that are powers of two are aligned to themselves"),
      ("give back", "empties fronts and barns, discards empty slabs, then free pages"),
    ],
    limits: [
      "Sizes go up to 8 KiB by 8, 16, 32, 64, 96, 128, 192, 256 and powers of two: up to half of a block is lost.",
      "What is larger comes in 2^k pages; above 4 MiB it is refused.",
      "One live object pins its whole slab.",
      "All objects of 0 bytes have one address, 16.",
      "A double free is not noticed.",
    ],
    use: "Good for many objects of few sizes over many threads. Not for sizes just above a power of two.",
    source:
      "Linux, mm/slub.c, mm/slab_common.c, include/linux/slab.h; J. Bonwick, The Slab Allocator, USENIX Summer 1994."
  )
}
