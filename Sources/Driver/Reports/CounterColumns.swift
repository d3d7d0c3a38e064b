import Workload

/// The columns of a wide table for what the processor counted.
enum CounterColumns {
  static var all: [(Table.Column, (CellResult, CellSummary) -> Table.Field)] {
    [
      column("instr/op", \.instructionsPerOperation), column("IPC", \.instructionsPerCycle),
      column("L1d", \.l1Misses), column("LLC", \.cacheMisses), column("dTLB", \.tlbMisses),
      column("mmap", \.mapCalls), column("munmap", \.unmapCalls), column("madvise", \.adviseCalls),
    ]
  }

  private static func column(
    _ title: String, _ path: KeyPath<CounterFigures, Double?>
  ) -> (Table.Column, (CellResult, CellSummary) -> Table.Field) {
    (
      Table.Column(section: "counters", title: title),
      { _, summary in
        summary.counters[keyPath: path].map { Table.Field(text: Units.number($0)) }
          ?? Table.Field(text: "n/a", emphasis: .faint)
      }
    )
  }
}
