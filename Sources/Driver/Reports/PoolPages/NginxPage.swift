extension PoolPage {
  static let nginx = PoolPage(
    summary: "A request's pool: small objects bumped from a chain of equal blocks, large ones from malloc.",
    layout: [
      "first block                further blocks, as large",
      "| 80 B | object … | free | ─► | 32 B | object … | free |",
      "  last, end, next, failed, and of the pool:",
      "  current ─► first block that is still tried",
      "  large   ─► {next, object} ─► …   the objects malloc's",
      "  cleanup ─► {run, data, next} ─► …",
    ],
    steps: [
      ("scope begin", "a pool of one block: a malloc"),
      (
        "allocate",
        "up to the block's room and a page less a byte: bumped from the first of at most seven blocks that has room, else"
          + " from a new one, O(1); larger: malloc and a node, the empty one among five or a new one, O(1)"
      ),
      ("free", "nothing; nginx itself can free large objects, by a walk over their list"),
      ("resize", "there is none: a copy, and a large object that was copied is freed, O(large objects)"),
      (
        "scope end",
        "end=destroy: cleanups, youngest first, then a free for each large object and block; end=reset: large objects are"
          + " freed, blocks are rewound and serve the next instance, cleanups are neither run nor forgotten"
      ),
      ("give back", "end=reset: the pools of scopes that are not open"),
    ],
    limits: [
      "A block is skipped for good on its sixth failure, whatever room it has left.",
      "A reset loses 48 bytes in each block but the first, since it rewinds all to behind the first one's header.",
      "Objects are aligned to 8; more is had from malloc only, whatever the size.",
      "It is one thread's; pools of scopes inside each other know nothing of one another.",
      "Objects of 0 bytes are not unique.",
    ],
    use: "For bursts of small objects that end together, soon: a request. Not for what lives long or grows: nothing"
      + " comes back before the end. Blocks that hold a whole request make it several times as fast as small ones.",
    source: "nginx, src/core/ngx_palloc.[ch]: blocks of 4 KiB for a request, 512 bytes for a connection, 16 KiB else;"
      + " 4 KiB is what stands here for every scope unless block= says otherwise.")
}
