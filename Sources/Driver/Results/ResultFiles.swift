public import Workload

/// The files of a run, kept up to date on disk while it goes on.
///
/// The CSV is written whole each time. Of workloads that are done its text is kept, so that a new record costs as much
/// as its own workload, not as all.
public final class ResultFiles {
  private let csv: OutputFile?
  private let json: ResultWriter?
  /// The CSV of the workloads that are done.
  private var finished: [String] = []

  /// Opens both before anything runs; nil paths are not written.
  ///
  /// - Throws: `OutputError` if one can't be written.
  public init(csv: String?, json: String?) throws(OutputError) {
    self.csv = if let csv { try OutputFile(path: csv) } else { nil }
    self.json = if let json { try ResultWriter(path: json) } else { nil }
  }

  /// Opens the CSV; the result file is one that is gone on with, or nil if that is complete.
  public init(csv: String?, resuming json: ResultWriter?) throws(OutputError) {
    self.csv = if let csv { try OutputFile(path: csv) } else { nil }
    self.json = json
  }

  /// Before the first run of a new result file.
  public func begin(_ results: ResultSet, plan: RunPlan, workloads: [PreparedWorkload]) throws(OutputError) {
    try json?.begin(results, plan: plan, workloads: workloads)
    try writeCSV(results, isFinal: false)
  }

  /// `results` has a new record.
  public func update(_ results: ResultSet) throws(OutputError) {
    try json?.update(results)
    try writeCSV(results, isFinal: false)
  }

  /// The next workload of `results`, in their order, will not change any more.
  public func finishWorkload(_ results: ResultSet) throws(OutputError) {
    try json?.update(results)
    guard csv != nil else { return }
    finished.append(CSVDocument.body(results.workloads[finished.count]))
    try writeCSV(results, isFinal: false)
  }

  /// Nothing will come any more.
  public func close(_ results: ResultSet, isComplete: Bool) throws(OutputError) {
    try json?.update(results)
    try json?.end(isComplete: isComplete)
    try writeCSV(results, isFinal: true)
  }

  private func writeCSV(_ results: ResultSet, isFinal: Bool) throws(OutputError) {
    guard let csv, isFinal || csv.takesIntermediate else { return }
    let open = results.workloads.dropFirst(finished.count).map(CSVDocument.body)
    try csv.write(CSVDocument.header + (finished + open).joined(), isFinal: isFinal)
  }
}
