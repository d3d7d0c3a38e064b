import Driver
import Workload

extension League {
  /// A pool's speed against another subject's, workload by workload.
  func speeds(_ group: String, _ subject: Subject, against other: Subject) -> [Cell] {
    workloads(group).compactMap { workload in
      let isAdapted = workload.cell(subject).map { $0.fit.word == "adapted" } ?? false
      return Cell(
        name: workload.name + (isAdapted ? " (adapted)" : ""), rival: other.name,
        logarithms: workload.speedLogarithms(of: subject, against: other))
    }
  }

  /// A pool's time ÷ that of a program which replays the same stream.
  func compared(_ subject: Subject, with comparator: String) -> [Cell] {
    measured.compared.filter { $0.subject == subject.name && $0.comparator == comparator }.map { line in
      Cell(name: line.workload, rival: comparator, ratio: line.ratio, interval: line.interval)
    }
  }

  var fixed: [Line] {
    let fixed = Subject(.fixed)
    return [
      line(
        fixed, "glibc", "pairs, game-frame, batches of 1,000", "speed at least 3×", .atLeast(3),
        speeds("fixed", fixed, against: Subject(.glibc))),
      line(
        fixed, "boost::pool", "pairs, batches of 1,000", "time at most 1.05×", .atMost(1.05),
        compared(fixed, with: "boost-pool")),
    ]
  }

  var shared: [Line] {
    let shared = Subject(.fixedShared)
    return [
      line(
        shared, "fixed", "pairs, 1 thread", "speed at least 0.5×", .atLeast(0.5), sharedCells.single),
      line(
        shared, "the same under a mutex", "pairs and exchange, 2 to 16 threads: own and foreign frees",
        "speed at least 3×", .atLeast(3), sharedCells.several),
    ]
  }

  /// Against `fixed` on one lane, and against the variant under a mutex on several.
  var sharedCells: (single: [Cell], several: [Cell]) {
    let shared = Subject(.fixedShared)
    let own = workloads("shared-own").sorted { $0.lanes < $1.lanes }
    let foreign = workloads("shared-foreign").sorted { $0.lanes < $1.lanes }
    let single = own.filter { $0.lanes == 1 }.compactMap { workload in
      Cell(
        name: workload.title(withLanes: true), rival: "fixed",
        logarithms: workload.speedLogarithms(of: shared, against: Subject(.fixed)))
    }
    let several = (own + foreign).filter { $0.lanes > 1 }.compactMap { workload -> Cell? in
      // Found by its name.
      guard let mutex = workload.cells.first(where: { $0.subject.name == "fixed-shared[mutex]" })?.subject else {
        return nil
      }
      return Cell(
        name: workload.title(withLanes: true), rival: mutex.name,
        logarithms: workload.speedLogarithms(of: shared, against: mutex))
    }
    return (single, several)
  }

  var region: [Line] {
    let region = Subject(.region)
    return [
      line(
        region, "glibc", "request, the scoped part of compiler; teardown included", "speed at least 4×", .atLeast(4),
        speeds("region", region, against: Subject(.glibc))),
      line(
        region, "a bump allocator in C", "the same", "time at most 1.1×", .atMost(1.1),
        compared(region, with: "bump")),
      line(
        region, "std::pmr::monotonic_buffer_resource", "the same", "time under 1.0×", .atMost(1),
        compared(region, with: "monotonic")),
    ]
  }
}
