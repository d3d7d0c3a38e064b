extension PoolPage {
  static let apr = PoolPage(
    summary: "Pools in a tree, each bumping objects from nodes that an allocator keeps for the next pool.",
    layout: [
      "lane ─► root ─► pool of a scope ─► pool of one inside it",
      "                active ─► node ─► node ─► back to active",
      "node  | 40 B header | pool, 120 B, in its first one |",
      "      | object | object | … free … |",
      "allocator  free nodes of 8, 12, … 80 KiB, and larger ones",
    ],
    steps: [
      ("scope begin", "a child of the pool around it: a node of 8 KiB from the allocator, which is warm, O(1)"),
      (
        "allocate",
        "bumped from the active node, else from the one after it, else from a node of the allocator's lists up to twice"
          + " the size, else malloc; O(nodes) when the active node changes, else O(1)"
      ),
      ("free", "nothing"),
      ("resize", "there is none: a copy, the old object is lost until the scope's end"),
      (
        "scope end",
        "end=destroy: pre-cleanups, the pools inside, cleanups, then all nodes go to the allocator; end=clear: the same,"
          + " but the pool and its first node stay. O(cleanups + nodes)"
      ),
      ("give back", "nothing; max-free= limits what the allocator keeps when nodes come back to it"),
    ],
    limits: [
      "Without max-free= nothing ever goes back to the system.",
      "The least pool takes 8 KiB, of which 8,032 bytes are for objects.",
      "Only two nodes are tried, so room in the others is lost until the end.",
      "Objects are aligned to 8, beyond that by asking for more.",
      "A pool is one thread's; an allocator may be shared under a mutex.",
    ],
    use: "For lifetimes that nest, as a connection's and its requests': the end of the outer one takes all inside"
      + " with it, and what one request gave back the next one gets without malloc. Not for many tiny pools.",
    source: "Apache Portable Runtime, memory/unix/apr_pools.c: boundary 4 KiB, least node 8 KiB, 20 lists, no limit.")
}
