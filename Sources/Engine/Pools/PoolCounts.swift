import Workload

/// What a pool counts of itself, by name, as it lists it: `list.misses`, `central.lock-waits`.
///
/// A name is a tier, a dot and what was counted, in lower case, words joined by hyphens. Two words have a meaning to
/// those who read the record: `misses` of a tier are the requests that it passed on to the next one, `requests` all
/// that came to it; a tier that lists no `requests` is the first, to which every allocation comes. Counts only grow.
struct PoolCounts: BitwiseCopyable {
  private var names: MappedArray<StaticString>
  private var values: MappedArray<Int>

  /// Allocations that a pool with a fixed amount of memory answered by a stand-in: a note tells of them.
  static let refused = RunRecord.refusedStatistic

  /// Counts for which there is room before memory has to be mapped.
  private static let room = 128

  init() {
    names = MappedArray(capacity: Self.room)
    values = MappedArray(capacity: Self.room)
  }

  mutating func add(_ name: StaticString, _ value: Int) {
    names.append(name)
    values.append(value)
  }

  /// What has been counted since `before`, which lists the same names.
  func forEach(since before: PoolCounts, _ body: (_ name: String, _ value: Int) -> Void) {
    precondition(names.count == before.names.count, "a pool lists the same counts each time")
    for index in 0..<names.count { body(names[index].description, values[index] &- before.values[index]) }
  }
}
