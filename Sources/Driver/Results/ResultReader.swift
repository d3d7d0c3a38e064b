import Foundation
import Workload

/// Puts a result file together from its lines.
struct ResultReader {
  private var file: ResultFile
  /// Workloads that a run or a cell was filed with.
  private var begun = 0

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
      throw ResultFileError("has a first line that makes no sense (\(error)): start the run anew")
    }
    reader.file.wholeBytes = first.count + (lines.isEmpty ? 0 : 1)
    reader.file.lacksLineBreak = lines.isEmpty
    var number = 1
    while let line = lines.popFirst() {
      number += 1
      let isLast = lines.isEmpty
      do {
        if !line.isEmpty { try reader.take(line) }
        reader.file.wholeBytes += line.count + (isLast ? 0 : 1)
        reader.file.lacksLineBreak = isLast && !line.isEmpty
      } catch {
        let what = isLast ? "is cut short" : "is damaged"
        reader.file.damage = "line \(number) \(what); what stands before it is used"
        reader.file.isComplete = false
        break
      }
    }
    return reader.finished()
  }

  /// What a line that can't be used says of itself.
  private struct LineError: Error, CustomStringConvertible {
    var description: String
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
    guard ResultLines.isSound(line), let head = try? ResultLine.decoder.decode(ResultLine.Head.self, from: line) else {
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

  private mutating func take(_ bytes: Data) throws {
    guard ResultLines.isSound(bytes) else { throw LineError(description: "its sum is wrong") }
    let line = try ResultLine.decoder.decode(ResultLine.self, from: bytes)
    if let workload = line.workload { try take(workload) }
    if let run = line.run { try take(run) }
    if let cell = line.cell {
      guard let index = cell.workloadIndex else { throw LineError(description: "it names no workload") }
      let place = try place(index, cell.subject)
      file.allWorkloads[index].cells[place].fit = try cell.fit()
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

  private mutating func take(_ line: ResultLine.Run) throws {
    let run = try line.value()
    let place = try place(line.workloadIndex, line.subject)
    // An interruption says nothing of the subject: the run is still to come.
    if run.status.kind != .interrupted { file.allWorkloads[line.workloadIndex].file(run, at: place) }
  }

  /// The cell of a subject in a workload, which is begun by that.
  private mutating func place(_ index: Int, _ subject: String) throws -> Int {
    guard file.allWorkloads.indices.contains(index),
      let place = file.allWorkloads[index].cells.firstIndex(where: { $0.subject.name == subject })
    else { throw LineError(description: "'\(subject)' is no subject of workload \(index)") }
    begun = max(begun, index + 1)
    return place
  }

  private func finished() -> ResultFile {
    var file = file
    if file.allWorkloads.count < file.plannedWorkloads { file.isComplete = false }
    file.results.workloads = file.isComplete ? file.allWorkloads : Array(file.allWorkloads.prefix(begun))
    return file
  }
}
