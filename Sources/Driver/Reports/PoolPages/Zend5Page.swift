extension PoolPage {
  static let zend5 = PoolPage(
    summary: "The heap of PHP 5: boundary tags, small buckets, tries for large blocks, and a cache before all.",
    layout: [
      "segment, 256 KiB: | header | block | block | … | guard |",
      "block: | its size and state | those of the one before |",
      "       | object … |",
      "heap:  cache: a stack for each size below 544, 256 KiB",
      "       64 small buckets and their bitmap",
      "       a trie for each doubling | rest list, 16",
    ],
    steps: [
      ("allocate", "pops the size's cache, O(1); else the next small bucket that holds a block"),
      ("", "else the best fit of the tries, O(64); else a new segment, 256 KiB or a multiple for a big block"),
      ("free", "pushes on the cache while it holds less than 256 KiB; else merges with both neighbours"),
      ("resize", "in place into the free block behind, or by cutting; else a copy"),
      ("scope end", "object by object; with end=shutdown all segments but one are unmapped, O(segments)"),
      ("give back", "merges what the cache holds, which unmaps the segments that are empty then"),
    ],
    limits: [
      "One owner: no locks, and no other thread may free.",
      "16 bytes of tag an object, 32 bytes at least; aligned to 8.",
      "Blocks in the cache are not merged; what big blocks leave of their segments is used only near the limit.",
      "An empty segment is unmapped at once, so that a load on its edge maps and unmaps.",
    ],
    use: "Good for small memory and few sizes; its successor `zend` does without tags and merging.",
    source: "php-src of the 5.x line, Zend/zend_alloc.c")
}
