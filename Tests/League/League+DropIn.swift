import Driver
import Workload

extension League {
  /// The best rival of each workload, with the speed of `thread-cache` against it.
  func best(_ group: String) -> [Cell] {
    workloads(group).compactMap { workload in
      guard let best = workload.least(Self.rivals, workload.time) else { return nil }
      return Cell(
        name: workload.title(withLanes: !workload.setting.isEmpty), rival: best.name,
        logarithms: workload.speedLogarithms(of: Self.threadCache, against: best))
    }
  }

  /// `thread-cache` as a drop-in malloc: the geometric mean over all workloads, and each of them.
  func dropIn(_ group: String, _ names: String) -> [Line] {
    let cells = best(group)
    let isHeldBack = group != "drop-in"
    let against = "the best of glibc, jemalloc, tcmalloc and mimalloc on each workload"
    var mean: [Cell] = []
    if let estimate = Bootstrap.geometricMean(of: cells.map(\.logarithms), seed: Self.seed) {
      mean = [Cell(name: "geometric mean", rival: "", ratio: estimate.ratio, interval: estimate.interval)]
    }
    let workloads = isHeldBack ? "held back: \(names)" : names
    return [
      line(Self.threadCache, against, workloads, "speed at least 1.15×, geometric mean", .atLeast(1.15), mean),
      line(Self.threadCache, against, workloads, "never under 1.0×", .neverUnder(1), cells),
    ]
  }

  /// Objects that another thread frees.
  var foreignFrees: [Line] {
    [
      line(
        Self.threadCache, "mimalloc", "xmalloc, message-passing", "speed at least 1.0×", .atLeast(1), foreignCells)
    ]
  }

  var foreignCells: [Cell] { speeds("foreign", Self.threadCache, against: Self.mimalloc) }

  /// Threads that come and go, on fewer processors.
  var threads: [Line] {
    let title = "larson with threads of 10,000 allocations, 1, 2, 4, 8, 16 and 64 at a time"
    let speed = line(Self.threadCache, "tcmalloc", title, "speed never under 1.0×", .neverUnder(1), threadCells)
    var idle = line(
      Self.threadCache, "tcmalloc", "the same, 1 s after all objects were freed",
      "memory of an idle thread at most 64 KiB", .atMost(1), [])
    if let own = idleBytes(of: Self.threadCache) {
      let other = idleBytes(of: Subject(.tcmalloc)).map { " (tcmalloc: \(Units.bytes($0)))" } ?? ""
      idle.measured = Units.bytes(own) + other
      idle.verdict = own <= Self.idleLimit ? .met : .missed([])
    }
    return [speed, idle]
  }

  /// Bytes that an idle thread may keep.
  static let idleLimit = 64.0 * 1024

  var threadCells: [Cell] {
    workloads("threads").sorted { $0.lanes < $1.lanes }.compactMap { workload in
      Cell(
        name: workload.lanes == 1 ? "1 thread" : "\(workload.lanes) threads", rival: "tcmalloc",
        logarithms: workload.speedLogarithms(of: Self.threadCache, against: Subject(.tcmalloc)))
    }
  }

  /// What each thread more keeps resident a second after the drain, all of them parked: the difference between many
  /// lanes and one ÷ the lanes in between, less the same of the null subject, whose threads have stacks too.
  ///
  /// - Parameter moment: the drain itself, a second after it, or once the subject was asked to give memory back.
  func idleBytes(of subject: Subject, at moment: RecordKey = .settledResident) -> Double? {
    let runs = workloads("idle").sorted { $0.lanes < $1.lanes }
    guard let one = runs.first, let many = runs.last, many.lanes > one.lanes else { return nil }
    func growth(_ subject: Subject) -> Double? {
      guard let more = many.bytes(moment, of: subject), let less = one.bytes(moment, of: subject) else { return nil }
      return more - less
    }
    guard let own = growth(subject), let control = growth(Subject(.null)) else { return nil }
    return (own - control) / Double(many.lanes - one.lanes)
  }
}
