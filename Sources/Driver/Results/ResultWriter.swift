import Foundation

/// Writes a result file: line after line, each on disk before the next run starts, and nothing is ever rewritten.
///
/// A regular file is locked while it is written. A device, a pipe or standard output takes the same lines as they come.
public final class ResultWriter {
  private let path: String
  private let descriptor: Int32
  private let isRegular: Bool
  /// What stands in the file already.
  private var written: [WorkloadResult] = []

  /// Opens before anything is measured; what a regular file held stays until ``begin(_:plan:workloads:)``.
  ///
  /// - Parameter path: `-` is standard output.
  /// - Throws: `OutputError` if it can't be written, or if another process writes it.
  public convenience init(path: String) throws(OutputError) {
    if path == "-" {
      self.init(path: "standard output", descriptor: STDOUT_FILENO)
      return
    }
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw OutputError.cannotWrite(path, systemMessage(errno)) }
    self.init(path: path, descriptor: descriptor)
    try lock()
  }

  /// Opens a file that a run has left, reads it and keeps it locked. Nothing is written until
  /// ``proceed(after:tool:machine:date:)``.
  ///
  /// - Throws: `ResultFileError` if it is no result file or one that a newer poolbench has written to, `OutputError` if
  ///   it can't be written.
  public static func resuming(_ path: String) throws -> (writer: ResultWriter, file: ResultFile) {
    // Read first: what can't be read at all is told as bad input.
    let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    let fault = errno
    if descriptor < 0 {
      _ = try ResultFile.read(path)
      throw OutputError.cannotWrite(path, systemMessage(fault))
    }
    let writer = ResultWriter(path: path, descriptor: descriptor)
    guard writer.isRegular else { throw ResultFileError("\(path) is no regular file, so it cannot be gone on with") }
    try writer.lock()
    let file = try ResultFile.read(path)
    // What stands there is no damage, so it is not for this program to drop.
    if file.isOfNewer, let damage = file.damage {
      throw ResultFileError("\(path) cannot be gone on with: \(damage); use the poolbench that wrote it")
    }
    return (writer, file)
  }

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
    var facts = stat()
    isRegular = unsafe fstat(descriptor, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
  }

  deinit { if descriptor != STDOUT_FILENO { close(descriptor) } }

  private func lock() throws(OutputError) {
    if isRegular, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      throw OutputError.cannotWrite(path, "another poolbench is writing it")
    }
  }

  /// Empties the file and writes what is known before the first run.
  public func begin(_ results: ResultSet, plan: RunPlan, workloads: [PreparedWorkload]) throws(OutputError) {
    if isRegular, descriptor != STDOUT_FILENO, ftruncate(descriptor, 0) != 0 {
      throw OutputError.cannotWrite(path, systemMessage(errno))
    }
    var text = ResultLines.head(results, plan: plan, workloads: workloads.count)
    for (index, workload) in workloads.enumerated() {
      text += ResultLines.workload(index, workload, cells: plan.cells(for: workload.description))
    }
    try append(text)
    written = workloads.map { $0.emptyResult(cells: plan.cells(for: $0.description)) }
    try update(results)
  }

  /// Goes on behind the last whole line of `file`, which ``resuming(_:)`` has read.
  public func proceed(after file: ResultFile, tool: ToolVersion, machine: Machine, date: String) throws(OutputError) {
    if ftruncate(descriptor, off_t(file.wholeBytes)) != 0 {
      throw OutputError.cannotWrite(path, systemMessage(errno))
    }
    let line = ResultLines.resumed(tool: tool, machine: machine, date: date)
    try append(file.lacksLineBreak ? "\n" + line : line)
    written = file.allWorkloads
  }

  /// Appends the runs of `results` that are not in the file yet. Those that were interrupted are left out.
  public func update(_ results: ResultSet) throws(OutputError) {
    var text = ""
    for (index, workload) in results.workloads.enumerated() where written[index] != workload {
      for (place, cell) in workload.cells.enumerated() {
        let before = written[index].cells[place]
        if cell.fit != before.fit { text += ResultLines.cell(index, cell) }
      }
      text += runs(of: workload, index)
      written[index] = workload
    }
    if !text.isEmpty { try append(text) }
  }

  /// The runs of a workload that are not in the file yet, those of a block of turns next to each other.
  private func runs(of workload: WorkloadResult, _ index: Int) -> String {
    var blocks: [[(cell: CellResult, run: RunResult)]] = []
    for (place, cell) in workload.cells.enumerated() {
      let before = written[index].cells[place].runs
      for (number, run) in cell.runs.enumerated() where run.status.kind != .interrupted {
        if number < before.count && before[number] == run || before.contains(run) { continue }
        let block = blocks.firstIndex { others in
          let other = others[0].run
          return run.tookTurns && other.tookTurns && other.pass == run.pass && other.repetition == run.repetition
        }
        if let block { blocks[block].append((cell, run)) } else { blocks.append([(cell, run)]) }
      }
    }
    return blocks.map { block in
      block.map { ResultLines.run(index, workload, $0.cell, $0.run, of: block.count) }.joined()
    }.joined()
  }

  /// Nothing will come any more.
  public func end(isComplete: Bool) throws(OutputError) { try append(ResultLines.end(isComplete: isComplete)) }

  private func append(_ text: String) throws(OutputError) {
    try OutputFile.check(OutputFile.writeAll(text, to: descriptor), path)
    if isRegular, fsync(descriptor) != 0 { throw OutputError.cannotWrite(path, systemMessage(errno)) }
  }
}
