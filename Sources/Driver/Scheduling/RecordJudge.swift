import Foundation
import Workload

/// Decides what a worker's end and record are worth.
struct RecordJudge {
  var subject: Subject
  var pass: Pass
  /// Path of the preloaded library, for a preloaded subject.
  var preload: String?
  /// Of the workload's runs so far.
  var streamDigest: String?

  func judge(_ outcome: LaunchOutcome) -> (status: RunStatus, record: RunRecord?) {
    let lastWords = Self.lastLine(outcome.errorTail)
    switch outcome.ending {
    case .interrupted: return (RunStatus(.interrupted), nil)
    case .notStarted(let reason): return (RunStatus(.libraryMissing, note: reason), nil)
    case .misspoke(let fault): return (failed(fault), nil)
    case .timedOut:
      let seconds = Units.duration(outcome.elapsed)
      return (RunStatus(.timedOut, note: "no end after \(seconds); --timeout sets the limit"), nil)
    case .overMemory(let bytes):
      let detail = "at \(Units.bytes(Double(bytes))) resident"
      return (RunStatus(.outOfMemory, detail: detail, note: "--memory-limit sets the limit"), nil)
    case .signalled(SIGKILL):
      return (RunStatus(.killed, detail: "SIGKILL", note: "from outside; perhaps the kernel was out of memory"), nil)
    case .signalled(let number):
      return (RunStatus(.crashed, detail: SignalName.of(number), note: lastWords), nil)
    case .exited(127) where outcome.errorTail.contains("error while loading shared libraries"):
      return (RunStatus(.libraryMissing, note: Self.loaderMessage(lastWords)), nil)
    case .exited(let status):
      return judge(output: outcome.output, status: status, lastWords: lastWords)
    }
  }

  private func judge(output: [UInt8], status: Int32, lastWords: String) -> (status: RunStatus, record: RunRecord?) {
    let ending = status == 0 ? "" : "the worker ended with status \(status)"
    let cause = [ending, lastWords].filter { !$0.isEmpty }.joined(separator: ": ")
    let record: RunRecord
    do {
      record = try RunRecord(parsing: String(decoding: output, as: UTF8.self))
    } catch .otherVersion(let version) {
      let own = RunRecord.protocolVersion
      return (failed("the worker speaks protocol \(version), this program \(own): build both anew"), nil)
    } catch {
      return (failed(cause.isEmpty ? "the worker wrote no record" : cause), nil)
    }
    guard record.isComplete else {
      return (failed(cause.isEmpty ? "the worker's record stops before its end" : cause), record)
    }
    let verdict = verdict(record, status: status, cause: cause)
    if verdict.kind == .ok, !lastWords.isEmpty {
      // A library that complains and goes on, of a variable that it does not know for example. A worker that ends well
      // says nothing there itself.
      let notes = [verdict.note, "on standard error: \(lastWords)"].filter { !$0.isEmpty }
      return (RunStatus(.ok, note: notes.joined(separator: "; ")), record)
    }
    return (verdict, record)
  }

  private func failed(_ note: String) -> RunStatus { RunStatus(.failed, note: note) }

  private func verdict(_ record: RunRecord, status: Int32, cause: String) -> RunStatus {
    let note = record[.note] ?? ""
    switch record[.status] {
    case "ok": break
    case "failed": return failed(note.isEmpty ? "the worker gave no reason" : note)
    case "out-of-memory":
      let live = record.integer(.peakLive).map { "at \(Units.bytes(Double($0))) live" } ?? ""
      return RunStatus(.outOfMemory, detail: live, note: note)
    case "unsupported": return RunStatus(.skipped, note: note.isEmpty ? "the worker cannot serve it" : note)
    case let other: return failed("the record's status is '\(other ?? "")'")
    }
    if status != 0 { return failed(cause) }
    if let name = record[.subject], name != subject.nameInWorker {
      return failed("the record is of '\(name)', not of '\(subject.nameInWorker)'")
    }
    if let name = record[.pass], name != pass.rawValue { return failed("the record is of the pass '\(name)'") }
    if let violation = record[.violation] { return failed("verification: \(violation)") }
    if let missing = missingKey(record) { return failed("the record lacks '\(missing.rawValue)'") }
    if pass == .latency, LatencySummary(record) == nil { return failed("the record's histograms cannot be read") }
    if let fault = identityFault(record) { return failed(fault) }
    if let streamDigest, record[.streamDigest] != streamDigest {
      return failed("its stream \(record[.streamDigest] ?? "") is not the other subjects' \(streamDigest)")
    }
    return RunStatus(.ok, note: note)
  }

  /// The first key without a sensible number of those that the pass has to report.
  private func missingKey(_ record: RunRecord) -> RecordKey? {
    if record[.streamDigest] == nil { return .streamDigest }
    let keys: [RecordKey] =
      switch pass {
      case .throughput: [.ops, .wallNanoseconds]
      case .latency: [.ticksPerSecond]
      case .memory: [.baselineResident, .peakResident, .peakLive]
      case .verification: []
      }
    return keys.first { key in
      guard let value = record[key].flatMap({ Double($0) }), value.isFinite, value >= 0 else { return true }
      return (key == .ops || key == .wallNanoseconds) && value == 0
    }
  }

  /// Whether `malloc` and `free` belong to the object that they should.
  func identityFault(_ record: RunRecord) -> String? {
    for (key, name) in [(RecordKey.mallocOwner, "malloc"), (.freeOwner, "free")] {
      guard let owner = record[key], !owner.isEmpty else { return "the record does not say who owns \(name)" }
      if let expected = mismatch(owner) { return "\(name) is \(owner)'s, not \(expected)'s" }
    }
    return nil
  }

  /// The name of what should own it, or nil if `owner` does.
  private func mismatch(_ owner: String) -> String? {
    let file = (owner as NSString).lastPathComponent
    switch subject.base {
    case .jemalloc: return file.hasPrefix("libjemalloc") ? nil : "libjemalloc"
    case .tcmalloc: return file.hasPrefix("libtcmalloc") ? nil : "libtcmalloc"
    case .preloaded:
      let wanted = preload ?? subject.preloadName
      func resolved(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
      return resolved(owner) == resolved(wanted) ? nil : wanted
    default:
      return file.hasPrefix("libc.so") || file.hasPrefix("libc-2.") ? nil : "libc.so.6"
    }
  }

  private static func lastLine(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
    return line.map { String($0.prefix(300)).trimmingCharacters(in: .whitespaces) } ?? ""
  }

  /// `program: error while loading shared libraries: libx.so: cannot open …` from the library on.
  private static func loaderMessage(_ line: String) -> String {
    guard let marker = line.range(of: "error while loading shared libraries: ") else { return line }
    return String(line[marker.upperBound...])
  }
}
