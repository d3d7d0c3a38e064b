extension PoolPage {
  static let mempool = PoolPage(
    summary: "A reserve of elements over an allocator that may fail: Linux's mempool, for who must go on.",
    layout: [
      "backing (malloc)   asked first, by every request",
      "   │ fails",
      "   ▼",
      "reserve  | element | element | … | free | …",
      "         a stack of `min` places, under a lock",
    ],
    steps: [
      (
        "allocate",
        "from the backing; where it fails, the reserve's youngest; where that is empty, the backing once more, then the"
          + " request is refused (the pool also has a call that waits, 5 seconds at a time). O(1)"
      ),
      ("free", "into the reserve until it is full, else to the backing. O(1)"),
      ("resize", "in place within the element's size, else refused"),
      ("give back", "nothing: the reserve is what it is for"),
    ],
    limits: [
      "One element size.",
      "It is no cache: while the backing works, it is a little slower than the backing alone.",
      "The promise is for holders of one element each; who needs several must take them in one call.",
      "The reserve lies idle as long as all is well.",
    ],
    use: "Where an allocation must not fail, because freeing memory itself waits for it: writes to a disk, say. With at"
      + " most `min` holders nobody fails, though every call to the backing does.",
    source: "Linux, mm/mempool.c of 2021 with the bulk calls of 2025: one element at least, waits of 5 seconds.")
}
