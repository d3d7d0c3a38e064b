import Foundation
import TestSupport
import Testing
import Workload

@testable import Driver

struct ResultWriterTests {
  private let plan = RunPlan(subjects: [Subject(.glibc), Subject(.jemalloc)], reference: Subject(.glibc))

  /// No workload begun.
  private var nothing: ResultSet {
    var results = Samples.results(Samples.description())
    results.workloads = []
    return results
  }

  /// One workload begun, without runs.
  private var begun: ResultSet {
    var results = nothing
    results.workloads = [Samples.workload().emptyResult(cells: plan.cells(for: Samples.description()))]
    return results
  }

  private func run(_ subject: Subject, _ repetition: Int) -> RunResult {
    // With its keys in order, as the file gives them back.
    let keys = Samples.record(subject, .throughput).fields.sorted { $0.key < $1.key }
    let text = "poolbench-record 3\n" + keys.map { "\($0.key) \($0.value)\n" }.joined() + "end\n"
    let record = try? RunRecord(parsing: text)
    return RunResult(pass: .throughput, repetition: repetition, status: .ok, record: record)
  }

  private func inFile(_ body: (String) throws -> Void) throws {
    try TemporaryFolder.with { try body($0.appending(path: "r.jsonl").path) }
  }

  @Test func `each update appends its new runs, one or several, and rewrites nothing`() throws {
    try inFile { path in
      let url = URL(fileURLWithPath: path)
      let writer = try ResultWriter(path: path)
      try writer.begin(nothing, plan: plan, workloads: [Samples.workload()])
      var before = try Data(contentsOf: url)
      var results = begun
      // As when the workers of a block take turns, two at once, and one alone.
      for places in [[0, 1], [2], [], [1, 0, 2]] {
        for place in places {
          let cell = results.workloads[0].cells[place]
          results.workloads[0].file(run(cell.subject, cell.runs.count + 1), at: place)
        }
        try writer.update(results)
        let after = try Data(contentsOf: url)
        #expect(after.starts(with: before))
        let added = after.dropFirst(before.count).filter { $0 == UInt8(ascii: "\n") }.count
        #expect(added == places.count)
        before = after
      }
      #expect(try ResultFile.read(path).results == results)
    }
  }

  @Test func `a run measured again is appended, and one that was interrupted is not`() throws {
    try inFile { path in
      let writer = try ResultWriter(path: path)
      try writer.begin(nothing, plan: plan, workloads: [Samples.workload()])
      var results = begun
      results.workloads[0].file(run(Subject(.glibc), 1), at: 0)
      try writer.update(results)
      var again = run(Subject(.glibc), 1)
      again.status.note = "again"
      results.workloads[0].file(again, at: 0)
      results.workloads[0].cells[1].runs.append(
        RunResult(pass: .throughput, repetition: 1, status: RunStatus(.interrupted)))
      try writer.update(results)
      let file = try ResultFile.read(path)
      #expect(file.results.workloads[0].cells[0].runs == [again])
      #expect(file.results.workloads[0].cells[1].runs.isEmpty)
    }
  }

  @Test func `going on drops the damaged tail and appends`() throws {
    try inFile { path in
      let url = URL(fileURLWithPath: path)
      var results = begun
      results.workloads[0].file(run(Subject(.glibc), 1), at: 0)
      do {
        let writer = try ResultWriter(path: path)
        try writer.begin(nothing, plan: plan, workloads: [Samples.workload()])
        try writer.update(results)
      }
      let whole = try Data(contentsOf: url)
      for tail in [Data(), Data("{\"run\":{\"workl".utf8)] {
        try (whole + tail).write(to: url)
        try goOn(path, results)
        #expect(try Data(contentsOf: url).starts(with: whole))
      }
      // Only the last line break is missing.
      try whole.dropLast().write(to: url)
      try goOn(path, results)
      #expect(try Data(contentsOf: url).starts(with: whole))
    }
  }

  @Test func `going on drops a block of turns that is not whole, so that no run stands there twice`() throws {
    try inFile { path in
      let url = URL(fileURLWithPath: path)
      var results = begun
      func block(_ repetition: Int) {
        for place in 0..<2 {
          var run = run(results.workloads[0].cells[place].subject, repetition)
          run.tookTurns = true
          results.workloads[0].file(run, at: place)
        }
      }
      let first: ResultSet
      do {
        let writer = try ResultWriter(path: path)
        try writer.begin(nothing, plan: plan, workloads: [Samples.workload()])
        // Two at once, each next to its own.
        block(1)
        block(2)
        try writer.update(results)
        first = results
        block(3)
        try writer.update(results)
      }
      let whole = try Data(contentsOf: url)
      let lines = String(decoding: whole, as: UTF8.self).split(separator: "\n")
      #expect(lines.filter { $0.contains(#""of":2,"#) }.count == 6)
      let kept = lines.dropLast(2).joined(separator: "\n") + "\n"
      let last = lines[lines.count - 1].utf8.count
      for (cut, what) in [
        (1 + last, "begins a block of turns that is not whole"), (30, "begins a block of turns that is not whole"),
        (30 + last, "is cut short"),
      ] {
        try whole.dropLast(cut).write(to: url)
        let (writer, file) = try ResultWriter.resuming(path)
        #expect(file.damage == "line 7 \(what); what stands before it is used")
        #expect(file.results == first)
        try writer.proceed(after: file, tool: results.tool, machine: results.machine, date: "later")
        #expect(try String(contentsOf: url, encoding: .utf8).hasPrefix(kept + "{\"resumed\":"))
        try writer.update(results)
        try writer.end(isComplete: true)
        let read = try ResultFile.read(path)
        #expect(read.damage == nil && read.results == results)
        let runs = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").filter {
          $0.hasPrefix("{\"run\"")
        }
        #expect(runs.count == 6)
      }
    }
  }

  @Test func `what a newer poolbench has written is not dropped`() throws {
    try inFile { path in
      let url = URL(fileURLWithPath: path)
      do {
        let writer = try ResultWriter(path: path)
        try writer.begin(nothing, plan: plan, workloads: [Samples.workload()])
      }
      let newer = ResultLines.withSum(#"{"cell":{"workload_index":0,"subject":"glibc","how":"halfway"}"#)
      let bytes = try Data(contentsOf: url) + Data(newer.utf8)
      try bytes.write(to: url)
      let error = #expect(throws: ResultFileError.self) { try ResultWriter.resuming(path) }
      #expect(error?.description.contains("line 3 is written by a newer poolbench ('halfway' is unknown)") == true)
      #expect(try Data(contentsOf: url) == bytes)
    }
  }

  private func goOn(_ path: String, _ before: ResultSet) throws {
    let (writer, file) = try ResultWriter.resuming(path)
    #expect(file.results == before && !file.isComplete)
    try writer.proceed(after: file, tool: before.tool, machine: before.machine, date: "later")
    var results = file.results
    results.workloads[0].file(run(Subject(.jemalloc), 1), at: 1)
    try writer.update(results)
    try writer.end(isComplete: true)
    let read = try ResultFile.read(path)
    #expect(read.damage == nil && read.isComplete && read.results == results)
  }

  @Test func `two cannot write one file`() throws {
    try inFile { path in
      let first = try ResultWriter(path: path)
      try first.begin(nothing, plan: plan, workloads: [])
      let refusal = OutputError.cannotWrite(path, "another poolbench is writing it")
      #expect(throws: refusal) { try ResultWriter(path: path) }
      #expect(throws: refusal) { try ResultWriter.resuming(path) }
      // Neither of them has touched it.
      #expect(try ResultFile.read(path).results == nothing)
      try first.end(isComplete: true)
    }
  }

  @Test func `what was there stays until the run begins, and nothing of it after`() throws {
    try inFile { path in
      let url = URL(fileURLWithPath: path)
      let old = Data(String(repeating: "old and long\n", count: 1000).utf8)
      try old.write(to: url)
      let writer = try ResultWriter(path: path)
      #expect(try Data(contentsOf: url) == old)
      try writer.begin(nothing, plan: plan, workloads: [])
      #expect(try ResultFile.read(path).damage == nil)
    }
  }

  @Test func `devices take the lines as they come, and a full one is told`() throws {
    let null = try ResultWriter(path: "/dev/null")
    // No lock: any number of runs may write there.
    let other = try ResultWriter(path: "/dev/null")
    for writer in [null, other] {
      try writer.begin(nothing, plan: plan, workloads: [Samples.workload()])
      try writer.end(isComplete: true)
    }
    let full = try ResultWriter(path: "/dev/full")
    #expect(throws: OutputError.cannotWrite("/dev/full", "No space left on device")) {
      try full.begin(nothing, plan: plan, workloads: [])
    }
    #expect(throws: ResultFileError.self) { try ResultWriter.resuming("/dev/null") }
  }

  @Test func `what cannot be written is known before anything runs`() throws {
    try TemporaryFolder.with { folder in
      let path = folder.path + "/no/r.jsonl"
      #expect(throws: OutputError.cannotWrite(path, "No such file or directory")) { try ResultWriter(path: path) }
      #expect(throws: OutputError.cannotWrite(folder.path, "Is a directory")) { try ResultWriter(path: folder.path) }
    }
  }
}
