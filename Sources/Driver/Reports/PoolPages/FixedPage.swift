extension PoolPage {
  static let fixed = PoolPage(
    summary: "Objects of one size for one owner: a free list, and chunks that are cut one object at a time.",
    layout: [
      "head ─► free object ─► free object ─► nil       link in the first word",
      "chunks of 64 KiB, 128 KiB, … 4 MiB:",
      "| object | object | object ◄ cursor    not touched yet    end |",
    ],
    steps: [
      ("allocate", "takes the list's first: 2 loads, 1 store; when it is empty, the next piece of the chunk"),
      ("free", "pushes on the list: 1 load, 2 stores"),
      ("resize", "in place up to the object size, else refused"),
      ("scope end", "one free an object"),
      ("give back", "a purge unmaps the chunks without a live object, O(free objects × log chunks)"),
    ],
    limits: [
      "One lane; with several lanes it is a pool each, and the owner frees.",
      "One size; where a workload mixes them it runs as a pool for each size class, which is marked.",
      "Release builds detect neither a double free nor a foreign pointer.",
    ],
    use: "Nodes of one type in one thread, the fastest that frees one by one; not for objects that change threads.",
    source: "Segregated storage: Knuth, TAOCP 1, 2.5, and boost::pool; lazy carving as in tcmalloc and mimalloc.")

  static let fixedShared = PoolPage(
    summary: "Objects of one size for any number of threads: two magazines a lane over a common depot.",
    layout: [
      "lane: loaded magazine, spare one     | link | top | nil | objects, ≤ 62 |",
      "  │ a full or empty magazine at once, by a 128-bit compare and swap",
      "depot: stack of full ones, stack of empty ones, cursor of the newest chunk",
      "  │",
      "chunks of 64 KiB, 128 KiB, … 4 MiB",
    ],
    steps: [
      ("allocate", "takes the top of the loaded magazine; at times swaps magazines or goes to the depot, O(1)"),
      ("free", "puts the object on the loaded magazine, whichever lane allocated it; at times as above"),
      ("resize", "in place up to the object size, else refused"),
      ("thread end", "its magazines go to the depot"),
      ("give back", "a purge unmaps the chunks without a live object"),
    ],
    limits: [
      "One size; where a workload mixes them it runs as such a pool for each size class, which is marked.",
      "Idle lanes keep up to two magazines each.",
      "Release builds detect neither a double free nor a foreign pointer.",
    ],
    use: "Messages, buffers and nodes that one thread makes and another one ends; [mutex] shows what one lock costs.",
    source: "Bonwick and Adams, \"Magazines and Vmem\" (2001); the stack's tags against ABA after Treiber (1986).")
}
