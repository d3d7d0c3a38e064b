extension PoolPage {
  static let region = PoolPage(
    summary: "Objects that end together: a cursor through blocks, put back to the start when their scope ends.",
    layout: [
      "first ─► block ─► block ─► block ─► nil       64 KiB, 128 KiB, … 1 MiB",
      "                    ▲ current     those behind it are kept for later",
      "| next, bytes | object | object | … free … |",
      "                         cursor ▲    limit ▲",
    ],
    steps: [
      ("allocate", "moves the cursor: 2 to 3 loads, 1 store; at a block's end the next one, kept or mapped"),
      ("free", "does not exist: objects end with their scope"),
      ("resize", "in place for the youngest object, else a copy; the old place stays lost until the scope's end"),
      ("scope end", "moves the cursor back, runs cleanups, unmaps large objects: O(blocks), no visit of objects"),
      ("give back", "beyond what recent rounds needed, at each scope's end; a purge unmaps empty blocks"),
    ],
    limits: [
      "What lives long in a scope keeps all of it; a workload's classes without a scope go to malloc, which is marked.",
      "One lane; requests above 256 KiB are mapped one by one.",
      "A block's end that fits no request is lost until the scope's end.",
    ],
    use: "Requests, frames, compiler passes: many small objects with one end; not for objects that end one by one.",
    source: "Hanson, \"Fast allocation and deallocation of memory based on object lifetimes\" (1990); nginx and APR.")
}
