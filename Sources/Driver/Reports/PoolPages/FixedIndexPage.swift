extension PoolPage {
  static let fixedIndex = PoolPage(
    summary: "Objects of one size in blocks of five, free ones linked by index; blocks are searched one by one.",
    layout: [
      "first ─► | next | size | free | first free | object 0 | … | object 4 |",
      "  newest   │            a free object's first 4 bytes: the next one's index",
      "           └► | next | size | free | first free | object 0 | …",
    ],
    steps: [
      ("allocate", "the first block with a free object, else a new block in front: O(blocks)"),
      ("free", "the block that holds the address, then the test of its offset: O(blocks)"),
      ("resize", "in place up to the object size, else refused"),
      ("scope end", "one free an object"),
      ("give back", "nothing before the pool ends"),
    ],
    limits: [
      "One size, aligned to 4, one lane; with several lanes it is a pool each, and the owner frees.",
      "The more blocks, the slower: with ten thousand live objects a free walks past a thousand blocks.",
      "check=power-of-two silently loses objects whose size is none: of 12 bytes indices 1, 2, 5, 6, 9, ….",
    ],
    use: "A handful of objects, or block=N with blocks as large as the pool; to see what a search in a hot path costs.",
    source: "The index-linked pool of a long-lived C++ article: init and grow size 5, sizes rounded to 4.")
}
