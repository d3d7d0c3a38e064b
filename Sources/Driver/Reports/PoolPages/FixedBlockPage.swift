extension PoolPage {
  static let fixedBlock = PoolPage(
    summary: "Objects of one size from blocks of twenty, all linked before the first is handed out.",
    layout: [
      "head ─► free object ─► free object ─► … nil     link in the first word",
      "newest ─► | next block | object 0 | object 1 | … | object 19 |",
      "            └► | next block | object 0 | …",
    ],
    steps: [
      ("allocate", "takes the list's first: 2 loads, 1 store; when it is empty a block is threaded, O(block)"),
      ("free", "pushes on the list: 1 load, 2 stores; nothing is checked"),
      ("resize", "in place up to the object size, else refused"),
      ("scope end", "one free an object"),
      ("give back", "nothing before the pool ends"),
    ],
    limits: [
      "One size, one lane; with several lanes it is a pool each, and the owner frees.",
      "A block is written to before it is used: with large blocks the first allocation pays for all.",
      "A peak's memory stays; a double free or a foreign pointer breaks the list unnoticed.",
    ],
    use: "Nodes of one type that come and go in any order; not for mixed sizes, nor for memory that must come back.",
    source: "The template pool of C++ textbooks: 20 objects a block, here block=N; link and object share their bytes.")
}
