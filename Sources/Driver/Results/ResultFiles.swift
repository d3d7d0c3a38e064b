/// The files of a run, kept whole on disk while it goes on.
///
/// Workloads that are done are kept as text, so that a new record costs as much as its own workload, not as all.
public final class ResultFiles {
  private let csv: OutputFile?
  private let json: OutputFile?
  private var finishedCSV: [String] = []
  private var finishedJSON: [String] = []

  /// Opens both before anything runs; nil paths are not written.
  ///
  /// - Throws: `OutputError` if one can't be written.
  public init(csv: String?, json: String?) throws(OutputError) {
    var opened: [OutputFile?] = []
    for path in [csv, json] {
      guard let path else {
        opened.append(nil)
        continue
      }
      opened.append(try OutputFile(path: path))
    }
    self.csv = opened[0]
    self.json = opened[1]
  }

  /// The last workload of `results` has a new record.
  public func update(_ results: ResultSet) throws(OutputError) {
    try write(results, isFinal: false)
  }

  /// The last workload of `results` will not change any more.
  public func finishWorkload(_ results: ResultSet) throws(OutputError) {
    guard let last = results.workloads.last else { return }
    if csv != nil { finishedCSV.append(CSVDocument.body(last)) }
    if json != nil { finishedJSON.append(JSONDocument.workload(last)) }
    try write(results, isFinal: false)
  }

  /// Nothing will come any more.
  public func close(_ results: ResultSet) throws(OutputError) { try write(results, isFinal: true) }

  private func write(_ results: ResultSet, isFinal: Bool) throws(OutputError) {
    if let csv, isFinal || csv.takesIntermediate {
      let open = results.workloads.dropFirst(finishedCSV.count).map(CSVDocument.body)
      try csv.write(CSVDocument.header + (finishedCSV + open).joined(), isFinal: isFinal)
    }
    if let json, isFinal || json.takesIntermediate {
      let open = results.workloads.dropFirst(finishedJSON.count).map(JSONDocument.workload)
      try json.write(JSONDocument.text(results, workloads: finishedJSON + open), isFinal: isFinal)
    }
  }
}
