import Workload

/// What a side has of a cell.
enum CellPresence {
  case absent, unmeasured, figures
  case skipped(String)
  case failed(String)

  init(_ cell: CellResult?) {
    guard let cell else {
      self = .absent
      return
    }
    let status = cell.status
    if status.kind == .skipped {
      self = .skipped(status.note)
    } else if status.isFailure {
      self = .failed(status.sentence)
    } else {
      self = cell.runs.contains { $0.status.kind == .ok } ? .figures : .unmeasured
    }
  }
}
