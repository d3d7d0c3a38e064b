import Foundation
import Workload

/// Puts a result file together from its lines.
struct ResultReader {
  private var file: ResultFile
  /// Workloads that a run or a cell was filed with.
  private var begun = 0
  /// The lines of a block of turns that have come so far, filed once all are there.
  private var block: Block?

  private struct Block {
    var workload: Int
    var pass: Pass
    var repetition: Int
    var runs: [(run: RunResult, place: Int)]
    /// How many make it whole.
    var count: Int
    /// Of its first byte.
    var start: Int
    var line: Int
  }

  /// - Throws: an error whose words follow the file's name.
  static func read(_ bytes: Data) throws(ResultFileError) -> ResultFile {
    if bytes.isEmpty {
      throw ResultFileError("is empty: name a file that 'poolbench run --json FILE' wrote")
    }
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
    let first = lines.removeFirst()
    let head = try head(first, isCut: lines.isEmpty)
    var reader: ResultReader
    do {
      reader = try ResultReader(head)
    } catch {
      if ResultLines.isSound(first) == true {
        throw ResultFileError("is written by a newer poolbench (\(error)): use that one")
      }
      throw ResultFileError("has a first line that makes no sense (\(error)): start the run anew")
    }
    reader.file.wholeBytes = first.count + (lines.isEmpty ? 0 : 1)
    reader.file.lacksLineBreak = lines.isEmpty
    var number = 1
    while let line = lines.popFirst() {
      number += 1
      let isLast = lines.isEmpty
      do {
        if !line.isEmpty { try reader.take(line, number) }
        reader.file.wholeBytes += line.count + (isLast ? 0 : 1)
        reader.file.lacksLineBreak = isLast && !line.isEmpty
      } catch let error as LineError {
        reader.stop(at: number, error.isOfNewer ? "\(error)" : isLast ? "is cut short" : "is damaged")
        reader.file.isOfNewer = error.isOfNewer
        break
      } catch {
        reader.stop(at: number, isLast ? "is cut short" : "is damaged")
        break
      }
    }
    reader.dropTorn()
    return reader.finished()
  }

  /// What a line that can't be used says of itself.
  private struct LineError: Error, CustomStringConvertible {
    var description: String
    /// It is as it was written, and this program does not know what it says.
    var isOfNewer = false
  }

  private mutating func stop(at line: Int, _ what: String) {
    file.damage = "line \(line) \(what); what stands before it is used"
    file.isComplete = false
  }

  /// A block of turns that the end of the file or damage has torn is not there.
  private mutating func dropTorn() {
    guard let torn = block else { return }
    block = nil
    file.wholeBytes = torn.start
    file.lacksLineBreak = false
    if !file.isOfNewer { stop(at: torn.line, "begins a block of turns that is not whole") }
  }

  private static func head(_ line: Data, isCut: Bool) throws(ResultFileError) -> ResultLine.Head {
    let remedy = "name a file that 'poolbench run --json FILE' wrote"
    let start = String(decoding: line.prefix(200), as: UTF8.self)
    let own = #"{"schema":"\#(ResultLines.schema)""#
    guard let kind = try? ResultLine.decoder.decode(ResultLine.Kind.self, from: line) else {
      if start.hasPrefix("workload,subject,") {
        throw ResultFileError("is the CSV of a run, which lacks what is needed here: \(remedy)")
      }
      if start.hasPrefix(own) {
        throw ResultFileError("has a first line that is \(isCut ? "cut short" : "damaged"): start the run anew")
      }
      // Of version 1, which was one document over many lines.
      throw ResultFileError("is no result file of poolbench, or one of its version 1: \(remedy)")
    }
    guard kind.schema == ResultLines.schema else {
      throw ResultFileError("is of the schema '\(kind.schema)', not '\(ResultLines.schema)': \(remedy)")
    }
    guard kind.version == ResultLines.version else {
      throw ResultFileError(
        "is of version \(kind.version), this program reads \(ResultLines.version): measure anew, "
          + "or use the poolbench that wrote it")
    }
    guard ResultLines.isSound(line) ?? true,
      let head = try? ResultLine.decoder.decode(ResultLine.Head.self, from: line)
    else {
      throw ResultFileError("has a first line that is damaged: start the run anew")
    }
    return head
  }

  private init(_ head: ResultLine.Head) throws {
    let plan = try head.plan.value()
    file = ResultFile(
      results: ResultSet(
        machine: head.machine, tool: head.poolbench, date: head.date, arguments: head.arguments, workloads: []),
      plan: plan, workloads: [], damage: nil, isComplete: false, allWorkloads: [], wholeBytes: 0,
      lacksLineBreak: false, plannedWorkloads: head.plan.workloads)
  }

  private mutating func take(_ bytes: Data, _ number: Int) throws {
    let isSound = ResultLines.isSound(bytes)
    if isSound == false { throw LineError(description: "its sum is wrong") }
    do {
      try take(ResultLine.decoder.decode(ResultLine.self, from: bytes), number)
    } catch let error as LineError {
      throw error
    } catch {
      if isSound == nil { throw error }
      let word = (error as? ResultLine.UnknownWord).map { " (\($0))" } ?? ""
      throw LineError(description: "is written by a newer poolbench\(word)", isOfNewer: true)
    }
  }

  private mutating func take(_ line: ResultLine, _ number: Int) throws {
    if line.run == nil { block = nil }
    if let workload = line.workload { try take(workload) }
    if let run = line.run { try take(run, number) }
    if let cell = line.cell {
      guard let index = cell.workloadIndex else { throw LineError(description: "it names no workload") }
      let place = try place(index, cell.subject)
      file.allWorkloads[index].cells[place].fit = try cell.fit()
      begun = max(begun, index + 1)
    }
    // Of a later command that went on with the file, whatever an earlier one said at its end.
    if line.run != nil || line.cell != nil || line.resumed != nil { file.isComplete = false }
    if let end = line.end { file.isComplete = end.how == "complete" }
  }

  private mutating func take(_ line: ResultLine.Workload) throws {
    guard line.index == file.allWorkloads.count, line.index < file.plannedWorkloads else {
      throw LineError(description: "workload \(line.index) is out of its place")
    }
    let overrides = try line.overrides.value()
    let setting = line.setting.map { Parameter(name: $0.name, value: $0.value) }
    let cells = try line.cells.map { cell in
      CellResult(
        subject: try ResultLine.subject(cell.subject, preloads: file.plan.preloads, builds: file.plan.builds),
        fit: try cell.fit())
    }
    file.workloads.append(
      StoredWorkload(
        fileName: line.fileName, directory: line.directory, text: line.text, overrides: overrides, setting: setting))
    file.allWorkloads.append(
      WorkloadResult(
        name: line.name, summary: line.description, text: line.text, overrides: overrides, setting: setting,
        lanes: line.lanes, seed: try ResultLine.number(line.seed), cells: cells))
  }

  private mutating func take(_ line: ResultLine.Run, _ number: Int) throws {
    let run = try line.value()
    let (index, place) = (line.workloadIndex, try place(line.workloadIndex, line.subject))
    if let open = block, (open.workload, open.pass, open.repetition) != (index, run.pass, run.repetition) {
      block = nil
    }
    guard let count = line.of, count > 1 else {
      block = nil
      return file(run, index, place)
    }
    var whole =
      block
      ?? Block(
        workload: index, pass: run.pass, repetition: run.repetition, runs: [], count: count, start: file.wholeBytes,
        line: number)
    whole.runs.append((run, place))
    block = whole.runs.count < whole.count ? whole : nil
    if block == nil { for (run, place) in whole.runs { file(run, index, place) } }
  }

  private mutating func file(_ run: RunResult, _ index: Int, _ place: Int) {
    begun = max(begun, index + 1)
    // An interruption says nothing of the subject: the run is still to come.
    if run.status.kind != .interrupted { file.allWorkloads[index].file(run, at: place) }
  }

  /// The cell of a subject in a workload.
  private func place(_ index: Int, _ subject: String) throws -> Int {
    guard file.allWorkloads.indices.contains(index),
      let place = file.allWorkloads[index].cells.firstIndex(where: { $0.subject.name == subject })
    else { throw LineError(description: "'\(subject)' is no subject of workload \(index)") }
    return place
  }

  private func finished() -> ResultFile {
    var file = file
    if file.allWorkloads.count < file.plannedWorkloads { file.isComplete = false }
    file.results.workloads = file.isComplete ? file.allWorkloads : Array(file.allWorkloads.prefix(begun))
    return file
  }
}
