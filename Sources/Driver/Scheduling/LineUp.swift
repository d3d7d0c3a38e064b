import Workload

extension RunPlan {
  /// Indices of the cells that run in a pass.
  func lineUp(_ pass: Pass, of cells: [CellResult]) -> [Int] {
    cells.indices.filter { index in
      if case .skipped = cells[index].fit { return false }
      // One and the same memory for every object is what null is for, and what verification looks for.
      return pass != .verification || cells[index].subject.base != .null
    }
  }

  /// Whether workers take turns in a pass: one lane can be stepped from outside, several keep step with each other.
  func takesTurns(_ pass: Pass, _ description: WorkloadDescription) -> Bool {
    takesTurns && pass == .throughput && description.lanes == 1
      && description.phases.allSatisfy { $0.threadLife == nil && $0.consumers == 0 }
  }

  /// Which of the cells take turns with each other: all of them, or where builds are compared the builds of one subject.
  func groups(_ line: [Int], of cells: [CellResult]) -> [[Int]] {
    let isOfBuilds = line.allSatisfy { cells[$0].subject.base == .null || !cells[$0].subject.build.isEmpty }
    if !isOfBuilds { return [line] }
    return line.reduce(into: [[Int]]()) { groups, index in
      let name = cells[index].subject.nameInWorker
      if let place = groups.firstIndex(where: { cells[$0[0]].subject.nameInWorker == name }) {
        groups[place].append(index)
      } else {
        groups.append([index])
      }
    }
  }

  /// Of the stream in a block.
  func seed(of repetition: Int, from first: UInt64) -> UInt64 {
    first &+ UInt64((repetition - 1) % max(1, seeds))
  }
}
