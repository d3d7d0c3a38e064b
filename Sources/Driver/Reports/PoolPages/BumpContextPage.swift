extension PoolPage {
  static let pgBump = PoolPage(
    summary: "PostgreSQL's memory context without headers: objects end with their scope alone.",
    layout: [
      " | context | keeper: header 32 B | object | object | … free … |",
      " | header 32 B | object | object | … free … |                  twice as big",
    ],
    steps: [
      ("allocate", "moves the current block's cursor on by the size, rounded up to 8: O(1)"),
      ("large", "above 512 KiB (512 B for small contexts) a block of malloc of its own"),
      ("free", "none: only workloads all of whose objects end with scopes are served"),
      ("resize", "none in the original; here in place when it shrinks, else a copy"),
      ("scope end", "resets the context, or deletes it: all blocks but the first go to malloc"),
    ],
    limits: [
      "No single free, no realloc: an object has no header to tell its block or size by.",
      "Blocks beyond the first go back to malloc at each reset, where a region keeps what it needed lately.",
      "Alignment is 8; more costs as many bytes on top. Requests end at 1 GiB − 1.",
    ],
    use: "Good for many small objects that end together, such as a sort's tuples: none of it is lost to headers.",
    source: "PostgreSQL 17, src/backend/utils/mmgr/bump.c")
}
