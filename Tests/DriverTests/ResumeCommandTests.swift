import Foundation
import Testing
import Workload

@testable import Driver

/// `run --resume` of the built program, with scripts in place of workers.
@Suite(.serialized)
struct ResumeCommandTests {
  /// A result file `o.jsonl` whose run was killed in its fourth worker.
  private func killed(_ body: (_ poolbench: Installation, _ file: String) throws -> Void) throws {
    let poolbench = try Installation()
    defer { poolbench.remove() }
    let workload = try poolbench.workload("hang.txt")
    let run = try poolbench.shell(
      """
      "$poolbench" run '\(workload)' --subjects glibc,jemalloc --passes latency,memory --repetitions 2 \
        --json "$folder/o.jsonl" > /dev/null &
      while [ ! -s "$folder/hanging" ]; do sleep 0.02; done
      kill -KILL $!; wait $! 2> /dev/null
      kill -KILL -- -$(cat "$folder/hanging"); rm "$folder/hanging" "$folder/started"
      """)
    #expect(run.status == 0)
    // What is measured stands in the file, not in the workload's.
    try FileManager.default.removeItem(atPath: workload)
    // Else its workers hang again.
    let text = try String(contentsOfFile: poolbench.folder + "/o.jsonl", encoding: .utf8)
    try text.replacing("hang.txt", with: "calm.txt").replacing(/,"sum":"[0-9a-f]*"/, with: "")
      .write(toFile: poolbench.folder + "/o.jsonl", atomically: false, encoding: .utf8)
    try body(poolbench, poolbench.folder + "/o.jsonl")
  }

  @Test func `it measures what is missing, adds it and shows all`() throws {
    try killed { poolbench, file in
      let before = try ResultFile.read(file)
      #expect(before.results.cells.flatMap(\.runs).count == 3)
      let run = try poolbench.run("run", "--resume", file, "--csv", poolbench.folder + "/o.csv")
      #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
      #expect(run.output.contains("\nglibc ") && run.output.contains("\njemalloc "))
      // Twelve runs in all. Both libraries were asked for their versions.
      #expect(poolbench.started.filter { !$0.hasPrefix("version.txt") }.count == 12 - 3)
      let after = try ResultFile.read(file)
      #expect(after.isComplete)
      let runs = after.results.workloads[0].cells.flatMap { cell in
        cell.runs.map { "\(cell.subject.name) \($0.pass.rawValue) \($0.repetition)" }
      }
      #expect(runs.count == 12 && Set(runs).count == 12)
      let csv = try String(contentsOfFile: poolbench.folder + "/o.csv", encoding: .utf8)
      #expect(csv.components(separatedBy: "\r\n").count == 1 + 12 + 1)

      // Complete: it is shown again and nothing is written or run.
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      let started = poolbench.started.count
      let again = try poolbench.run("run", "--resume", file)
      #expect(again.status == 0 && again.errors.isEmpty && again.output == run.output)
      #expect(poolbench.started.count == started)
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == bytes)
    }
  }

  @Test func `a damaged end is told, dropped and measured again`() throws {
    try killed { poolbench, file in
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      try bytes.dropLast(10).write(to: URL(fileURLWithPath: file))
      let run = try poolbench.run("run", "--resume", file)
      #expect(run.status == 0)
      #expect(
        run.errors == "\(file): line 5 is cut short; what stands before it is used, and the rest is dropped\n")
      #expect(poolbench.started.filter { !$0.hasPrefix("version.txt") }.count == 12 - 2)
      #expect(try ResultFile.read(file).results.cells.flatMap(\.runs).count == 12)
    }
  }

  @Test func `another machine is refused unless it is forced, other versions are told`() throws {
    try killed { poolbench, file in
      let text = try String(contentsOfFile: file, encoding: .utf8)
        .replacing(/"kernel":"[^"]*"/, with: "\"kernel\":\"Linux 2.4\"")
        .replacing(/"poolbench":{"version":"[^"]*"/, with: "\"poolbench\":{\"version\":\"0.0.1\"")
        .replacing(#""library_version":"test 1.0""#, with: #""library_version":"test 0.9""#)
      try text.write(toFile: file, atomically: false, encoding: .utf8)
      let refused = try poolbench.run("run", "--resume", file)
      #expect(refused.status == 65 && refused.output.isEmpty && poolbench.started.isEmpty)
      #expect(refused.errors.contains("another machine: kernel was Linux 2.4, is Linux "))
      #expect(refused.errors.contains("--force"))
      #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
      let forced = try poolbench.run("run", "--resume", file, "--force")
      #expect(forced.status == 0 && forced.errors.contains("warning: \(file) was measured on another machine"))
      #expect(forced.errors.contains("was begun by poolbench 0.0.1"))
      #expect(forced.errors.contains("of version test 0.9, this is test 1.0"))
    }
  }

  @Test(arguments: [
    (["x.txt"], "leave out 'x.txt'"), (["--passes", "latency"], "--passes does not go with --resume"),
    (["--subjects=glibc"], "--subjects does not go with --resume"), (["--quick"], "--quick does not go"),
    (["--threads", "2"], "--threads does not go"), (["--json", "y"], "it adds to its own file"),
    (["--csv", "./o.jsonl"], "name the same file"),
  ])
  func `what the file says cannot be said anew`(arguments: [String], words: String) throws {
    let poolbench = try Installation()
    defer { poolbench.remove() }
    let line = arguments.map { "'\($0)'" }.joined(separator: " ")
    let run = try poolbench.shell("cd $folder; \"$poolbench\" run --resume o.jsonl \(line)")
    #expect(run.status == 64 && run.output.isEmpty && run.errors.contains(words), "\(run.errors)")
  }

  @Test func `force alone means nothing`() throws {
    let poolbench = try Installation()
    defer { poolbench.remove() }
    let run = try poolbench.run("run", "x.txt", "--force")
    #expect(run.status == 64 && run.errors.contains("--force goes with --resume"))
  }

  @Test func `what is no result file is bad input`() throws {
    let poolbench = try Installation()
    defer { poolbench.remove() }
    let file = try poolbench.workload("o.csv", "workload,subject,version\r\n")
    for (path, words) in [(file, "is the CSV"), (poolbench.folder, "is a folder"), ("/none", "No such file")] {
      let run = try poolbench.run("run", "--resume", path)
      #expect(run.status == 65 && run.errors.contains(words) && run.output.isEmpty, "\(run.errors)")
    }
  }

  @Test func `files and folders that cannot be reached are told as that`() throws {
    let poolbench = try Installation()
    defer { poolbench.remove() }
    let loop = poolbench.folder + "/loop"
    try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
    let run = try poolbench.run("run", loop)
    #expect(run.status == 65 && run.errors.contains("loop: error: Too many levels of symbolic links"))
    if geteuid() != 0 {
      let closed = poolbench.folder + "/closed"
      try FileManager.default.createDirectory(atPath: closed, withIntermediateDirectories: false)
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: closed)
      let run = try poolbench.run("run", closed)
      #expect(run.status == 65 && run.errors.contains("closed: error: Permission denied"))
    }
  }
}
