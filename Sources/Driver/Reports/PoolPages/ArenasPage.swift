extension PoolPage {
  static let arenas = PoolPage(
    summary: "glibc's malloc: arenas with a lock each, of which every thread has one, behind a cache a thread.",
    layout: [
      "thread   64 lists of up to 16 objects ≤ 1,032 B   no lock",
      "arena    small bins ∘ unsorted ∘ large bins       one lock",
      "heap     | arena | chunk | chunk | … | top |      64 MiB",
      "chunk    size | flags, object …, size if free",
      "mapping  objects from 128 KiB on",
      "owner    of an object: its address's upper bits",
    ],
    steps: [
      ("allocate", "pops the thread's list; else in the arena: exact bin, unsorted, best fit, top, more of the heap"),
      (
        "free",
        "pushes onto the thread's list; beyond 16, and above 1,032 bytes, joins neighbours under the owner's lock"
      ),
      ("resize", "into free memory behind the object, else copies"),
      ("attach", "1. an arena that was left; 2. below the limit a new one; 3. the next in turn whose lock is free"),
      ("give back", "top's end and pages inside free chunks; heaps that are empty go by themselves"),
    ],
    limits: [
      "A thread stays with its arena, however contended.",
      "Memory never moves to another arena; what is freed is the owner's again.",
      "Each arena takes 64 MiB of address space; with no limit there are eight for each processor.",
      "One live object at a heap's end keeps all that is free below it.",
    ],
    use: "Shows what a limit on arenas (max=N, as MALLOC_ARENA_MAX) costs in waiting and saves in memory.",
    source: "glibc 2.42.9000, malloc/malloc.c and malloc/arena.c; D. Lea, A Memory Allocator; W. Gloger, ptmalloc."
  )
}
