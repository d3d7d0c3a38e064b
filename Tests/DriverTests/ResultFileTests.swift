import Foundation
import TestSupport
import Testing
import Workload

@testable import Driver

struct ResultFileTests {
  /// What a writer leaves that is told of `results` once for every run, in order.
  private func written(
    _ results: ResultSet, plan: RunPlan, workloads: [PreparedWorkload], isEnded: Bool? = nil
  ) throws -> Data {
    try TemporaryFolder.with { folder in
      let path = folder.appending(path: "r.jsonl").path
      let writer = try ResultWriter(path: path)
      var grown = results
      grown.workloads = []
      try writer.begin(grown, plan: plan, workloads: workloads)
      for (index, workload) in results.workloads.enumerated() {
        grown.workloads.append(workloads[index].emptyResult(cells: plan.cells(for: workloads[index].description)))
        for (place, cell) in workload.cells.enumerated() {
          for run in cell.runs {
            grown.workloads[index].file(run, at: place)
            try writer.update(grown)
          }
          grown.workloads[index].cells[place].fit = cell.fit
        }
        try writer.update(grown)
      }
      if let isEnded { try writer.end(isComplete: isEnded) }
      return try Data(contentsOf: URL(fileURLWithPath: path))
    }
  }

  private let plan = RunPlan(subjects: [Subject(.glibc)], reference: Subject(.glibc), passes: [.throughput])

  /// Two blocks of two subjects.
  private func small() throws -> (results: ResultSet, bytes: Data) {
    let workload = Samples.workload()
    var results = Samples.results(workload.description)
    results.workloads = [workload.emptyResult(cells: plan.cells(for: workload.description))]
    for repetition in 1...2 {
      for place in results.workloads[0].cells.indices {
        var record = RunRecord()
        record.add(statistic: "list.misses", repetition)
        record.add(statistic: "page-heap.lock-waits", 0)
        record.add(.streamDigest, Samples.digest)
        record.add(.wallNanoseconds, 1000 * repetition)
        let run = RunResult(pass: .throughput, repetition: repetition, seed: 7, status: .ok, record: record)
        results.workloads[0].file(run, at: place)
      }
    }
    return (results, try written(results, plan: plan, workloads: [workload]))
  }

  @Test func `what a subject counted of itself comes back under its names`() throws {
    let cells = try ResultReader.read(small().bytes).results.cells
    #expect(
      cells.first?.runs.compactMap { $0.record?.statistics } == [
        ["list.misses": 1, "page-heap.lock-waits": 0], ["list.misses": 2, "page-heap.lock-waits": 0],
      ])
  }

  @Test(arguments: 0..<20) func `what is written is read, whatever it is`(seed: UInt64) throws {
    var random = RandomResults(seed: seed)
    let plan = random.plan()
    var results = random.empty()
    let workloads = (0...random.below(3)).map { _ in random.workload() }
    let begun = random.below(workloads.count + 1)
    for (index, workload) in workloads.prefix(begun).enumerated() {
      results.workloads.append(workload.emptyResult(cells: plan.cells(for: workload.description)))
      for place in results.workloads[index].cells.indices {
        for repetition in 0...random.below(5) {
          results.workloads[index].file(random.run(repetition: 1 + repetition), at: place)
        }
        if random.chance() { results.workloads[index].cells[place].fit = .skipped("cannot: \"x\"") }
      }
    }
    let bytes = try written(results, plan: plan, workloads: workloads)
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      #expect(try JSONSerialization.jsonObject(with: line) is [String: Any])
    }
    let file = try ResultReader.read(bytes)
    #expect(file.damage == nil && !file.isComplete)
    // Not shown when it fails: it would fill screens.
    let isSame = file.results == results
    #expect(isSame)
    #expect(file.plan == plan)
    #expect(
      file.workloads
        == workloads.map {
          StoredWorkload(
            fileName: $0.fileName, directory: $0.directory, text: String(decoding: $0.text, as: UTF8.self),
            overrides: $0.overrides, setting: $0.setting)
        })
    if begun == workloads.count {
      let ended = try ResultReader.read(try written(results, plan: plan, workloads: workloads, isEnded: true))
      let isSame = ended.results == results
      #expect(ended.isComplete && isSame)
    }
  }

  @Test func `workloads come back ready to run, with their settings and overrides`() throws {
    let overrides = WorkloadOverrides(seed: .max, threads: 3, parameters: [Parameter(name: "n", value: "5")])
    let text = Array("operations = 100\nlifetime = $n\nsize = 8\n[parameters]\nn = 1\n".utf8)
    var (workload, _) = try WorkloadLoading.prepare(text, path: "/x/a.txt", directory: "/x", overrides: overrides)
    workload.setting = [Parameter(name: "threads", value: "3")]
    let results = Samples.results(Samples.description())
    let bytes = try written(
      ResultSet(
        machine: results.machine, tool: results.tool, date: results.date, arguments: [], workloads: []), plan: plan,
      workloads: [workload])
    #expect(try ResultReader.read(bytes).prepared() == [workload])
    #expect(workload.description.seed == .max && workload.description.threads == 3)
  }

  @Test func `of two records of one run the later one counts, and an interrupted run not at all`() throws {
    let (results, bytes) = try small()
    var again = results.workloads[0].cells[0].runs[0]
    again.status = RunStatus(.crashed, detail: "SIGSEGV")
    var interrupted = again
    interrupted.repetition = 3
    interrupted.status = RunStatus(.interrupted)
    let cell = results.workloads[0].cells[0]
    let more = [again, interrupted].map { ResultLines.run(0, results.workloads[0], cell, $0) }.joined()
    let file = try ResultReader.read(bytes + Data(more.utf8))
    #expect(file.results.workloads[0].cells[0].runs == [again, cell.runs[1]])
    #expect(file.results.workloads[0].cells[1] == results.workloads[0].cells[1])
  }

  @Test func `a file cut anywhere gives the runs before the cut, or says that it has none`() throws {
    let (results, bytes) = try small()
    let lineEnds = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
    #expect(lineEnds.count == 2 + 4)
    for length in 0..<bytes.count {
      // A line is whole when only its break is missing.
      let whole = lineEnds.filter { $0 <= length }.count
      guard whole > 0 else {
        #expect(throws: ResultFileError.self) { try ResultReader.read(bytes.prefix(length)) }
        continue
      }
      let file = try ResultReader.read(bytes.prefix(length))
      let runs = file.results.cells.flatMap(\.runs)
      #expect(runs.count == max(0, whole - 2), "cut at \(length)")
      #expect(isPrefix(file.results, of: results))
      #expect(file.wholeBytes == min(length, lineEnds[whole - 1] + 1))
      let isBetweenLines = length <= lineEnds[whole - 1] + 1
      #expect(
        file.damage == (isBetweenLines ? nil : "line \(whole + 1) is cut short; what stands before it is used"),
        "cut at \(length)")
    }
  }

  /// Whether every cell has the first runs of the same cell.
  private func isPrefix(_ part: ResultSet, of whole: ResultSet) -> Bool {
    part.workloads.count <= whole.workloads.count
      && zip(part.workloads, whole.workloads).allSatisfy { some, all in
        some.text == all.text && some.seed == all.seed
          && zip(some.cells, all.cells).allSatisfy { $0.subject == $1.subject && $1.runs.starts(with: $0.runs) }
      }
  }

  @Test func `a block of turns is there as a whole or not at all, wherever the file is cut`() throws {
    let (alone, head) = try small()
    var results = alone
    var bytes = head
    // Bytes of the file so far after the runs that stand for themselves and after each block.
    var ends = [bytes.count]
    for repetition in 3...5 {
      let runs = results.workloads[0].cells.map { cell in
        var run = cell.runs[0]
        (run.repetition, run.tookTurns) = (repetition, true)
        return run
      }
      for (place, run) in runs.enumerated() {
        results.workloads[0].file(run, at: place)
        let line = ResultLines.run(0, results.workloads[0], results.workloads[0].cells[place], run, of: runs.count)
        bytes += Data(line.utf8)
      }
      ends.append(bytes.count)
    }
    #expect(try ResultReader.read(bytes).results == results)
    for length in ends[0]...bytes.count {
      let file = try ResultReader.read(bytes.prefix(length))
      // Whole when only its last line break is missing.
      let blocks = ends.filter { $0 - 1 <= length }.count - 1
      #expect(file.results.workloads[0].cells.allSatisfy { $0.runs.count == 2 + blocks }, "cut at \(length)")
      #expect(file.wholeBytes == min(length, ends[blocks]), "cut at \(length)")
      #expect((file.damage == nil) == (length <= ends[blocks]), "cut at \(length)")
    }
    // In the middle, as an older poolbench goes on with it: the runs are left out, the rest is read.
    let lines = bytes[ends[0]...].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let gap = bytes.prefix(ends[0]) + Data(lines.dropFirst().joined(separator: [UInt8(ascii: "\n")]))
    let file = try ResultReader.read(gap)
    #expect(
      file.damage == nil && file.results.workloads[0].cells.allSatisfy { $0.runs.map(\.repetition) == [1, 2, 4, 5] })
  }

  @Test(arguments: [("\"kind\":\"ok\"", "\"kind\":\"tired\"", " ('tired' is unknown)"), ("\"kind\"", "\"sort\"", "")])
  func `what a newer poolbench says is no damage`(own: String, newer: String, word: String) throws {
    let (results, bytes) = try small()
    let cell = results.workloads[0].cells[0]
    var run = cell.runs[0]
    run.repetition = 3
    let line = ResultLines.run(0, results.workloads[0], cell, run)
    let sum = try #require(line.range(of: ",\"sum\""))
    let open = String(line[..<sum.lowerBound]).replacing(own, with: newer)
    let file = try ResultReader.read(bytes + Data(ResultLines.withSum(open).utf8))
    #expect(file.isOfNewer && file.results == results)
    #expect(file.damage == "line 7 is written by a newer poolbench\(word); what stands before it is used")
    // Without a sum nobody knows.
    let bare = try ResultReader.read(bytes + Data((open + "}\n").utf8))
    #expect(!bare.isOfNewer && bare.damage?.contains("is damaged") == true)
  }

  @Test func `times that no clock reaches are written all the same`() {
    #expect(JSONValue.nanoseconds(.seconds(Int64.max)) == .whole(.max))
    #expect(JSONValue.nanoseconds(.nanoseconds(1_500) + .nanoseconds(1) / 2) == .whole(1501))
  }

  @Test func `a wrong byte anywhere costs its line and those behind, and never changes a figure`() throws {
    let (results, bytes) = try small()
    var random = SplitMix64(state: 5)
    var damaged = 0
    for place in bytes.indices {
      var wrong = bytes
      wrong[place] ^= UInt8(1 + random.next() % 255)
      do {
        let file = try ResultReader.read(wrong)
        #expect(isPrefix(file.results, of: results), "at \(place)")
        #expect(file.plan == plan)
        if file.damage != nil { damaged += 1 }
        #expect(file.damage != nil || file.results == results, "at \(place)")
      } catch {
        #expect(place <= bytes.firstIndex(of: UInt8(ascii: "\n")) ?? 0, "at \(place): \(error)")
      }
    }
    #expect(damaged > bytes.count / 2)
  }

  @Test func `a line that makes no sense is damage where it stands`() throws {
    let (results, bytes) = try small()
    let cell = results.workloads[0].cells[0]
    let odd = [
      ResultLines.run(3, results.workloads[0], cell, cell.runs[0]), "{\"run\":{}}\n", "[]\n", "\u{0}\u{1}\n",
      "{\"end\":\n", String(repeating: "[", count: 100_000) + "\n", "{\"workload\":{\"index\":7}}\n",
    ]
    for line in odd {
      let file = try ResultReader.read(bytes + Data((line + "{\"end\":{\"how\":\"complete\"}}\n").utf8))
      #expect(file.damage == "line 7 is damaged; what stands before it is used", "\(line.prefix(80))")
      #expect(file.results == results && !file.isComplete)
    }
  }

  @Test func `what a later version adds is ignored`() throws {
    let (results, bytes) = try small()
    let text = String(decoding: bytes, as: UTF8.self)
      .replacing(#"{"run":{"#, with: #"{"run":{"new":[1,{"a":null}],"#)
      .replacing(#""plan":{"#, with: #""plan":{"new":1,"#)
      .replacing(/,"sum":"[0-9a-f]*"/, with: "")
    let file = try ResultReader.read(Data((text + "{\"comment\":{\"text\":\"of a later version\"}}\n").utf8))
    #expect(file.damage == nil && file.results == results)
  }

  @Test(arguments: [
    ("", "is empty"), ("workload,subject,version\r\na,b,c\r\n", "is the CSV of a run"),
    ("{\n  \"schema\": \"poolbench-results\",\n  \"version\": 1\n}\n", "or one of its version 1"),
    ("{\"schema\":\"other\",\"version\":2}\n", "is of the schema 'other'"),
    ("{\"schema\":\"poolbench-results\",\"version\":3,\"x\":1}\n", "is of version 3, this program reads 2"),
    ("{\"schema\":\"poolbench-results\",\"version\":2,\"pool", "a first line that is cut short"),
    ("{\"schema\":\"poolbench-results\",\"version\":2}\n", "a first line that is damaged"),
    ("\u{7F}ELF\u{2}\u{1}\u{0}\n\u{0}\u{0}", "is no result file"), ("\n\n", "is no result file"),
  ])
  func `what is no result file is told by its name and with the remedy`(text: String, words: String) throws {
    try TemporaryFolder.with { folder in
      let path = folder.appending(path: "r").path
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: ResultFileError.self) { try ResultFile.read(path) }
      let description = error?.description ?? ""
      #expect(description.hasPrefix("\(path) ") && description.contains(words), "\(description)")
    }
  }

  @Test func `folders and files that cannot be read are told`() throws {
    try TemporaryFolder.with { folder in
      let remedy = "name a file that 'poolbench run --json FILE' wrote"
      #expect(throws: ResultFileError("\(folder.path) is a folder: \(remedy)")) { try ResultFile.read(folder.path) }
      let path = folder.appending(path: "none").path
      #expect(throws: ResultFileError("\(path) cannot be read: No such file or directory")) {
        try ResultFile.read(path)
      }
    }
  }

  @Test func `a file that ends before its workloads cannot be gone on with`() throws {
    let (_, bytes) = try small()
    let head = bytes.prefix((bytes.firstIndex(of: UInt8(ascii: "\n")) ?? 0) + 1)
    let file = try ResultReader.read(head)
    #expect(file.results.workloads.isEmpty && file.damage == nil)
    #expect(throws: WorkloadFault.self) { try file.prepared() }
  }
}
