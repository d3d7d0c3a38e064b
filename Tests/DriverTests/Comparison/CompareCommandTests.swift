import Foundation
import Testing
import Workload

@testable import Driver

/// `poolbench compare` and `poolbench export` as a user runs them, on files written by the library.
@Suite(.serialized)
struct CompareCommandTests {
  typealias Make = ComparisonSamples

  private func installed(_ body: (Installation) throws -> Void) throws {
    let installation = try Installation()
    defer { installation.remove() }
    try body(installation)
  }

  /// Writes a file in which each subject's blocks take `times`, in nanoseconds an operation.
  private func write(
    _ installation: Installation, _ name: String, _ times: [(Subject, [Double])], cores: Int = 2,
    failed: [Subject] = [], isComplete: Bool = true
  ) throws -> String {
    let path = installation.folder + "/" + name
    let plan = RunPlan(subjects: times.map(\.0), reference: times[0].0)
    let prepared = Samples.workload()
    var results = Make.file(name, []).results
    results.machine.cores = cores
    results.workloads = []
    let writer = try ResultWriter(path: path)
    try writer.begin(results, plan: plan, workloads: [prepared])
    var workload = prepared.emptyResult(cells: plan.cells(for: prepared.description))
    for (subject, values) in times {
      let index = try #require(workload.cells.firstIndex { $0.subject == subject })
      workload.cells[index].runs = Make.cell(of: subject, values).runs
    }
    for subject in failed {
      let index = try #require(workload.cells.firstIndex { $0.subject == subject })
      workload.cells[index].runs = Make.failed(subject).runs
    }
    results.workloads = [workload]
    try writer.update(results)
    try writer.end(isComplete: isComplete)
    return path
  }

  private static let pool = Subject(.threadCache)

  private func file(_ installation: Installation, _ name: String, _ center: Double, spread: Double = 0.002) throws
    -> String
  {
    let seed = UInt64(name.utf8.reduce(1) { $0 + Int($1) })
    return try write(
      installation, name, [(Self.pool, Make.noisy(center, spread: spread, count: 20, seed: seed))])
  }

  @Test func `nothing regressed is 0, something is 1, improved is 0`() throws {
    try installed { poolbench in
      let old = try file(poolbench, "old.json", 10)
      let same = try poolbench.run("compare", old, try file(poolbench, "same.json", 10))
      #expect(same.status == 0 && same.output.contains("nothing regressed, 1 same"), "\(same)")
      let slow = try poolbench.run("compare", old, try file(poolbench, "slow.json", 11))
      #expect(slow.status == 1 && slow.output.contains("1 regressed"), "\(slow)")
      #expect(slow.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
      #expect(!slow.output.contains("\u{1B}"))
      let fast = try poolbench.run("compare", old, try file(poolbench, "fast.json", 9))
      #expect(fast.status == 0 && fast.output.contains("1 improved"))
      let tolerated = try poolbench.run(
        "compare", old, poolbench.folder + "/slow.json", "--threshold", "throughput=15%")
      #expect(tolerated.status == 0)
    }
  }

  @Test func `an undecided cell is 3 when strict, else 0`() throws {
    try installed { poolbench in
      let old = try file(poolbench, "old.json", 10, spread: 0.2)
      let new = try file(poolbench, "new.json", 10, spread: 0.2)
      let lenient = try poolbench.run("compare", old, new)
      #expect(lenient.status == 0 && lenient.output.contains("1 inconclusive (the smallest change"))
      #expect(lenient.output.contains("\ninconclusive: by the spread seen, "))
      #expect(try poolbench.run("compare", old, new, "--strict").status == 3)
      let few = try write(poolbench, "few.json", [(Self.pool, [10, 10, 10])])
      let verdictless = try poolbench.run("compare", few, few, "--strict")
      #expect(verdictless.status == 3 && verdictless.output.contains("3 of the 8 blocks"))
    }
  }

  @Test func `other machines are 4 with a list, or a warning when forced`() throws {
    try installed { poolbench in
      let old = try file(poolbench, "old.json", 10)
      let new = try write(poolbench, "new.json", [(Self.pool, Make.noisy(10, spread: 0.002, count: 20))], cores: 8)
      let refused = try poolbench.run("compare", old, new)
      #expect(refused.status == 4 && refused.output.isEmpty && refused.errors.contains("cores: 2 and 8"))
      let forced = try poolbench.run("compare", old, new, "--force")
      #expect(forced.status == 0 && forced.output.contains("warning: different: cores: 2 and 8"))
      let rows = try poolbench.run("compare", old, new, "--force", "--format", "csv")
      #expect(rows.status == 0 && rows.errors.contains("warning: different: cores: 2 and 8"))
    }
  }

  @Test(arguments: [
    (["compare"], "<input>"), (["compare", "a"], "two files"), (["compare", "a", "b", "c"], "two files"),
    (["compare", "a", "--between", "x"], "two subjects"), (["compare", "a", "b", "--between", "x,y"], "one file"),
    (["compare", "a", "b", "--threshold", "speed=1"], "not a metric"),
    (["compare", "a", "b", "--format", "tabel"], "did you mean 'table'?"),
    (["compare", "a", "b", "--format", "csv", "--format", "json"], "standard output"),
    (["compare", "a", "b", "--format", "csv=x", "--format", "json=./x"], "name the file"),
    (["compare", "a", "b", "--output", "./a"], "is read"), (["compare", "a", "b", "--blocks", "9"], "only --run"),
    (["compare", "--run", "a", "b"], "at least one workload"),
    (["compare", "--run", "a", "b", "c", "--between", "x,y"], "exclude"),
    (["compare", "--run", "a", "b", "c", "--blocks", "0"], "1 to 1000"),
    (["compare", "--run", "a", "b", "c", "--budget", "soon"], "'soon'"),
    (["export", "a", "--format", "influx"], "not a format"), (["export", "a"], "--format"),
  ])
  func `a wrong command line is 64`(arguments: [String], words: String) throws {
    try installed { poolbench in
      let line = arguments.map { "'\($0)'" }.joined(separator: " ")
      let run = try poolbench.shell("\"$poolbench\" \(line)")
      #expect(run.status == 64 && run.output.isEmpty && run.errors.contains(words), "\(run)")
    }
  }

  @Test func `filters that name nothing are 64, files that hold nothing 65, places that take nothing 73`() throws {
    try installed { poolbench in
      let old = try file(poolbench, "old.json", 10)
      let filtered = try poolbench.run("compare", old, old, "--subject", "glibc")
      #expect(filtered.status == 64 && filtered.errors.contains("no subject 'glibc' was measured"))
      let between = try poolbench.run("compare", old, "--between", "glibc,thread-cache")
      #expect(between.status == 64 && between.errors.contains("--between: no subject 'glibc'"))
      #expect(try poolbench.run("compare", old, poolbench.folder + "/none.json").status == 65)
      let text = try poolbench.workload("text.txt")
      let bad = try poolbench.run("compare", old, text)
      #expect(bad.status == 65 && bad.errors.contains("text.txt"))
      #expect(try poolbench.run("export", text, "--format", "bencher").status == 65)
      let nowhere = poolbench.folder + "/no/such/place"
      #expect(try poolbench.run("compare", old, old, "--output", nowhere).status == 73)
      #expect(try poolbench.run("compare", old, old, "--format", "json=\(nowhere)").status == 73)
    }
  }

  @Test func `a program that is not there is 69, one of each kind 64`() throws {
    try installed { poolbench in
      let workload = try poolbench.workload("pairs.txt")
      let none = try poolbench.run("compare", "--run", poolbench.folder + "/none", poolbench.folder, workload)
      #expect(none.status == 69 && none.errors.contains("/none"))
      let library = try poolbench.workload("libx.so")
      let mixed = try poolbench.run("compare", "--run", poolbench.folder, library, workload)
      #expect(mixed.status == 64 && mixed.errors.contains("not one of each"))
      let empty = poolbench.folder + "/empty"
      try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
      let bare = try poolbench.run("compare", "--run", poolbench.folder, empty, workload)
      #expect(bare.status == 69 && bare.errors.contains("poolbench-glibc is missing in"))
    }
  }

  @Test func `nothing to compare is 65, a cell that failed 2 unless something regressed`() throws {
    try installed { poolbench in
      let old = try file(poolbench, "old.json", 10)
      let empty = try poolbench.run("compare", old, old, "--threshold", "throughput=off")
      #expect(empty.status == 65 && empty.errors.contains("there is nothing to compare"), "\(empty)")
      let failing = try write(poolbench, "failing.json", [(Self.pool, [])], failed: [Self.pool])
      let both = try poolbench.run("compare", failing, failing)
      #expect(both.status == 2 && both.output.contains("failed: on both sides: crashed (SIGSEGV)"), "\(both)")
      #expect(both.output.contains("nothing decided, 1 failed"))
      #expect(try poolbench.run("compare", failing, old).status == 2)
      #expect(try poolbench.run("compare", old, failing).status == 1)
    }
  }

  @Test func `an interrupted file is warned of, and what it lacks counts as missing`() throws {
    try installed { poolbench in
      let old = try file(poolbench, "old.json", 10)
      let cut = try write(poolbench, "cut.json", [(Self.pool, [])], isComplete: false)
      let run = try poolbench.run("compare", old, cut)
      #expect(run.status == 1 && run.output.contains("missing in NEW"), "\(run)")
      #expect(run.output.contains("cut.json: interrupted, or still being"))
      let export = try poolbench.run("export", cut, "--format", "bencher")
      #expect(export.status == 0 && export.errors.contains("cut.json: interrupted, or still being measured"))
    }
  }

  @Test func `a library that cannot be preloaded is 69 before anything is written`() throws {
    try installed { poolbench in
      let workload = try poolbench.workload("pairs.txt")
      let library = try poolbench.workload("libx.so", "INPUT(-lmine)")
      let json = poolbench.folder + "/o.json"
      let run = try poolbench.run("compare", "--run", library, library, workload, "--json", json)
      #expect(run.status == 69 && run.errors.contains("BASE: ") && run.errors.contains("no ELF header"), "\(run)")
      #expect(!FileManager.default.fileExists(atPath: json) && poolbench.started.isEmpty)
    }
  }

  @Test func `builds of other streams are 4, and files that are there stay as they are`() throws {
    try installed { poolbench in
      let workload = try poolbench.workload("pairs.txt")
      let other = poolbench.folder + "/other"
      let json = try poolbench.workload("o.json", "mine\n")
      let run = try poolbench.shell(
        """
        mkdir '\(other)'
        sed s/00000000cafef00d/0000000000000bad/ "$folder/poolbench-glibc" > '\(other)/poolbench-glibc'
        chmod +x '\(other)/poolbench-glibc'
        "$poolbench" compare --run "$folder" '\(other)' '\(workload)' --subject thread-cache --json '\(json)' \
          --format csv='\(json).csv'
        """)
      #expect(run.status == 4 && run.output.isEmpty, "\(run)")
      #expect(
        run.errors.contains("the two builds draw different streams (BASE 00000000cafef00d, NEW 0000000000000bad)"))
      #expect(try String(contentsOfFile: json, encoding: .utf8) == "mine\n")
      #expect(!FileManager.default.fileExists(atPath: json + ".csv"))
      // The probes alone.
      #expect(poolbench.started.count == 1)
    }
  }

  @Test func `an interruption of what is measured is 130`() throws {
    try installed { poolbench in
      let workload = try poolbench.workload("hang.txt")
      let run = try poolbench.shell(
        """
        "$poolbench" compare --run "$folder" "$folder" '\(workload)' --subject thread-cache --json "$folder/o.json" &
        while [ ! -s "$folder/hanging" ]; do sleep 0.02; done
        kill -INT $!; wait $!; status=$?
        kill -0 $(cat "$folder/hanging") 2> /dev/null && echo "the worker lives"
        exit $status
        """)
      #expect(run.status == 130 && run.errors.contains("interrupted"), "\(run)")
      #expect(!run.output.contains("the worker lives") && !run.output.contains("regressed,"))
      #expect(try !ResultFile.read(poolbench.folder + "/o.json").isComplete)
    }
  }

  @Test func `the file of the runs is no report's, and blocks that cannot decide are warned of`() throws {
    try installed { poolbench in
      let workload = try poolbench.workload("pairs.txt")
      let json = poolbench.folder + "/o.json"
      let clash = try poolbench.run(
        "compare", "--run", poolbench.folder, poolbench.folder, workload, "--json", json, "--format", "json=\(json)")
      #expect(clash.status == 64 && clash.errors.contains("name the same file"), "\(clash)")
      let few = try poolbench.run(
        "compare", "--run", poolbench.folder, poolbench.folder, workload, "--subject", "thread-cache", "--blocks", "2")
      #expect(few.errors.contains("--blocks 2 may not tell a change: over all cells and metrics it takes 8"))
    }
  }

  @Test func `several formats at once, and the summary of a job`() throws {
    try installed { poolbench in
      let old = try file(poolbench, "old.json", 10)
      let new = try file(poolbench, "slow.json", 11)
      let (report, summary) = (poolbench.folder + "/r.xml", poolbench.folder + "/summary")
      try "before\n".write(toFile: summary, atomically: false, encoding: .utf8)
      let run = try poolbench.shell(
        "GITHUB_STEP_SUMMARY='\(summary)' \"$poolbench\" compare '\(old)' '\(new)' --format github --format table "
          + "--format junit='\(report)'")
      #expect(run.status == 1)
      #expect(run.output.hasPrefix("::notice title=poolbench::1 regressed\n"))
      #expect(run.output.contains("\n::error title=sample%3A thread-cache regressed::throughput +"))
      #expect(run.output.contains("1 regressed"))
      #expect(try String(contentsOfFile: report, encoding: .utf8).contains("failures=\"1\""))
      let page = try String(contentsOfFile: summary, encoding: .utf8)
      #expect(page.hasPrefix("before\n### ❌ poolbench: 1 regressed") && page.contains("| sample | thread-cache |"))
    }
  }

  @Test func `subjects of one file`() throws {
    try installed { poolbench in
      let path = try write(
        poolbench, "one.json",
        [
          (Self.pool, Make.noisy(10, spread: 0.002, count: 12)),
          (Subject(.glibc), Make.noisy(12, spread: 0.002, count: 12, seed: 5)),
        ])
      let worse = try poolbench.run("compare", path, "--between", "thread-cache,glibc")
      #expect(worse.status == 1 && worse.output.contains("paired: NEW ÷ BASE block by block"), "\(worse)")
      #expect(try poolbench.run("compare", path, "--between", "glibc,thread-cache").status == 0)
    }
  }

  @Test func `dashboards get medians with their intervals`() throws {
    try installed { poolbench in
      let path = try file(poolbench, "old.json", 10)
      let bencher = try poolbench.run("export", path, "--format", "bencher")
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(bencher.output.utf8)) as? [String: [String: [String: Double]]])
      let measure = try #require(document["sample/thread-cache"]?["gross-ns-per-op"])
      let (low, high) = (measure["lower_value"] ?? .infinity, measure["upper_value"] ?? 0)
      let value = try #require(measure["value"])
      #expect(abs(value - 10) < 0.03 && low <= value && value <= high)

      let target = poolbench.folder + "/o.json"
      #expect(try poolbench.run("export", path, "--format", "benchmark-action", "--output", target).status == 0)
      let list = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: target))) as? [[String: Any]])
      #expect(list.count == 1)
      #expect(list[0]["name"] as? String == "sample · thread-cache · throughput")
      #expect(list[0]["unit"] as? String == "ns/op" && list[0]["value"] is Double)
      #expect((list[0]["range"] as? String)?.hasPrefix("± ") == true)
      #expect(list[0]["extra"] as? String == "median of 20 blocks")
    }
  }

  @Test(arguments: ["compare", "export"])
  func `help is as stored, with an example`(command: String) throws {
    try installed { poolbench in
      let run = try poolbench.run(command, "--help")
      #expect(run.status == 0 && run.output.contains("poolbench \(command) "))
      expectSnapshot(run.output, "help-\(command).txt")
    }
  }
}
