extension PoolPage {
  static let zend = PoolPage(
    summary: "The heap of PHP 7 and later: bins of small slots over pages of 2 MiB chunks, dropped with the request.",
    layout: [
      "chunk, 2 MiB at a multiple of 2 MiB",
      " | page 0: header, map | run of slots, 1-7 pages |",
      " | large | free | … |",
      "map:  a word a page: large and its pages, or small,",
      "      its bin and a 10-bit counter",
      "heap: 30 lists of free slots | ring of chunks |",
      "      cached chunks | huge list",
    ],
    steps: [
      ("allocate", "up to 3072 bytes: pops the list of one of 30 bins, O(1); an empty list threads a new run"),
      ("", "up to 2 MiB less a page: best fit in a chunk's bitmap, chunk by chunk; more: a mapping"),
      ("free", "the map's word of the page says bin or pages, O(1); huge ones are looked for in a list, O(huge)"),
      ("resize", "in place in the same bin, into free pages behind, or by giving pages up; else a copy"),
      ("scope end", "object by object; with end=shutdown chunks are cached and nothing is looked at, O(chunks)"),
      ("give back", "counts the free slots of each run, frees runs that are all free, unmaps empty chunks"),
    ],
    limits: [
      "One owner: no locks, and no other thread may free.",
      "Objects are aligned to 8 bytes; up to 4096 where asked for, by a bigger size.",
      "Pages of small slots serve their bin until a collection or the request's end.",
      "Each huge object begins at a multiple of 2 MiB; freeing one walks the list of all.",
      "A small object that is freed twice goes unnoticed; one of another heap ends the process.",
    ],
    use: "Good for requests that end as a whole in one thread; not for objects that are freed by another thread.",
    source: "php-src, Zend/zend_alloc.c and zend_alloc_sizes.h (8.x); the 10-bit counter is a later correction")
}
