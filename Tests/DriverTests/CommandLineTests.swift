import Foundation
import Testing

@testable import Driver

/// The built program as a user runs it, with scripts in place of workers.
@Suite(.serialized)
struct CommandLineTests {
  private func installed(
    workers: [String] = ["poolbench-glibc", "poolbench-jemalloc", "poolbench-tcmalloc"],
    _ body: (Installation) throws -> Void
  ) throws {
    let installation = try Installation(workers: workers)
    defer { installation.remove() }
    try body(installation)
  }

  @Test(arguments: ["", "run", "list", "explain", "doctor"])
  func `help is as stored, with an example`(command: String) throws {
    try installed { poolbench in
      let run = try command.isEmpty ? poolbench.run("--help") : poolbench.run(command, "--help")
      #expect(run.status == 0 && run.output.contains("poolbench \(command.isEmpty ? "run" : command) "))
      expectSnapshot(run.output, "help\(command.isEmpty ? "" : "-" + command).txt")
    }
  }

  @Test func `the version is printed`() throws {
    try installed { poolbench in
      let run = try poolbench.run("--version")
      #expect(run.status == 0 && run.output.hasPrefix("poolbench \(ToolVersion.number)"))
    }
  }

  @Test(arguments: [
    (["run"], "<workload>"), (["run", "x.txt", "--bogus"], "--bogus"),
    (["run", "x.txt", "--subjects", "jemaloc"], "did you mean 'jemalloc'?"),
    (["run", "x.txt", "--subjects", ","], "no subject"), (["run", "x.txt", "--threads", "1,zero"], "'zero'"),
    (["run", "x.txt", "--operations", "10 MB"], "'10 MB'"), (["run", "x.txt", "--set", "n"], "--set takes"),
    (["run", "x.txt", "--passes", "latencies"], "did you mean 'latency'?"),
    (["run", "x.txt", "--repetitions", "0"], "1 to 1000"), (["run", "x.txt", "--timeout", "soon"], "'soon'"),
    (["run", "x.txt", "--timeout", "99999999999s"], "up to a million seconds, not '99999999999s'"),
    (["run", "x.txt", "--budget", "20000m"], "up to a million seconds, not '20000m'"),
    (["run", "x.txt", "--preload", "mi"], "NAME=PATH"), (["run", "x.txt", "--preload", "glibc=/x.so"], "not free"),
    (["run", "x.txt", "--csv", "-", "--json", "-"], "standard output"),
    (["run", "x.txt", "--reference", "mimalloc"], "not a subject"), (["measure"], "measure"),
    (["run", "x.txt", "--seed", "-1"], "from 0 to 18446744073709551615, not '-1'"),
    (["explain", "x.txt", "--seed", "one"], "not 'one'"),
    (["run", "x.txt", "--threads", "2,1,02"], "--threads lists 2 twice"),
    (["run", "x.txt", "--set", "n=1,10,1"], "--set n lists 1 twice"),
    (["run", "x.txt", "--set", "n=1", "--set", "n=2"], "--set n is given twice"),
    (["run", "x.txt", "--subjects", "glibc[A=1,A=2]"], "the variable 'A' is set twice"),
    (["doctor", "--format", "xml"], "xml"),
  ])
  func `a wrong command line is told with status 64`(arguments: [String], words: String) throws {
    try installed { poolbench in
      let line = arguments.map { "'\($0)'" }.joined(separator: " ")
      let run = try poolbench.shell("\"$poolbench\" \(line)")
      #expect(run.status == 64 && run.output.isEmpty)
      #expect(run.errors.contains(words), "\(run.errors)")
    }
  }

  @Test func `bad input is told with its place and status 65, and nothing runs`() throws {
    try installed { poolbench in
      let good = try poolbench.workload("good.txt")
      let bad = try poolbench.workload("bad.txt", "sice = 3\n")
      let run = try poolbench.run(
        "run", good, bad, poolbench.folder + "/none.txt", "--csv", poolbench.folder + "/o.csv")
      #expect(run.status == 65 && run.errors.contains("none.txt: error: there is no such file"))
      let second = try poolbench.run("run", good, bad, "--csv", poolbench.folder + "/o.csv")
      #expect(second.status == 65 && second.errors.contains("bad.txt") && second.errors.contains("error: "))
      #expect(poolbench.started.isEmpty)
      #expect(!FileManager.default.fileExists(atPath: poolbench.folder + "/o.csv"))
    }
  }

  @Test func `a run prints a table and writes its files`() throws {
    try installed { poolbench in
      let (csv, json) = (poolbench.folder + "/o.csv", poolbench.folder + "/o.json")
      let run = try poolbench.run("run", try poolbench.workload("pairs.txt"), "--quick", "--csv", csv, "--json", json)
      #expect(run.status == 0 && run.errors.isEmpty)
      for subject in ["glibc", "jemalloc", "tcmalloc", "thread-cache", "fixed", "fixed-shared", "region", "null"] {
        #expect(run.output.contains("\n\(subject)"))
      }
      #expect(run.output.contains("region         skipped: no class ends with a scope"))
      #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
      // Seven subjects, three passes, one repetition; region is one row.
      #expect(try String(contentsOfFile: csv, encoding: .utf8).components(separatedBy: "\r\n").count == 1 + 21 + 1 + 1)
      let file = try ResultFile.read(json)
      #expect(file.isComplete && file.damage == nil && file.results.cells.flatMap(\.runs).count == 21)
      #expect(poolbench.started.count == 21)
    }
  }

  @Test func `a list of threads makes one scaling table`() throws {
    try installed { poolbench in
      let workload = try poolbench.workload("pairs.txt")
      let run = try poolbench.run(
        "run", workload, "--threads", "1,2", "--subjects", "glibc,jemalloc", "--passes", "throughput",
        "--repetitions", "2")
      #expect(run.status == 0)
      let heading = run.output.split(separator: "\n").first { $0.hasPrefix("Mops/s") }
      #expect(heading?.split(separator: " ") == ["Mops/s", "1", "2"])
      #expect(poolbench.started.count == 2 * 2 * 3)
    }
  }

  @Test(arguments: [
    ("crash.txt", "crashed (SIGSEGV)", 2), ("killed.txt", "killed (SIGKILL)", 2), ("slow.txt", "timed out", 2),
    ("loader.txt", "library missing: libjemalloc.so.2: cannot open", 69),
  ])
  func `a worker's end costs its cell and the others stay`(name: String, words: String, status: Int32) throws {
    try installed { poolbench in
      let workload = try poolbench.workload(name)
      let run = try poolbench.run(
        "run", workload, "--quick", "--subjects", "glibc,jemalloc,tcmalloc", "--timeout", "500ms")
      #expect(run.status == status)
      #expect(run.output.contains("jemalloc    \(words)"), "\(run.output)")
      #expect(run.output.contains("\ntcmalloc      50.0"))
      #expect(!run.errors.contains("Fatal") && !run.output.contains("Fatal"))
    }
  }

  @Test func `without a table the reasons stand on standard error`() throws {
    try installed { poolbench in
      let run = try poolbench.run(
        "run", try poolbench.workload("crash.txt"), "--quick", "--subjects", "jemalloc", "--csv", "-")
      #expect(run.status == 2 && run.output.hasPrefix("workload,subject,"))
      #expect(run.errors.contains("error: crash, jemalloc: crashed (SIGSEGV)"))
      #expect(!run.output.contains("Mops/s"))
    }
  }

  @Test func `missing workers and libraries are told before anything runs`() throws {
    try installed(workers: ["poolbench-glibc"]) { poolbench in
      let workload = try poolbench.workload("pairs.txt")
      let run = try poolbench.run("run", workload, "--preload", "mi=/nonexistent/libmi.so")
      #expect(run.status == 69 && poolbench.started.isEmpty && run.output.isEmpty)
      #expect(run.errors.contains("the worker program poolbench-jemalloc is missing"))
      #expect(run.errors.contains("--preload mi: there is no library /nonexistent/libmi.so"))
    }
  }

  @Test(arguments: ["run", "list", "explain"])
  func `libraries that cannot be preloaded are told by every command`(command: String) throws {
    try installed { poolbench in
      let folder = poolbench.folder
      let spaced = try poolbench.workload("two words.so")
      let text = try poolbench.workload("script.so")
      let workload = command == "list" ? "--workloads" : try poolbench.workload("pairs.txt")
      let rest = command == "list" ? [folder] : []
      let line =
        [command, workload] + rest + ["--preload", "a=\(spaced)", "--preload", "b=\(text)"]
        + ["--preload", "c=\(folder)", "--preload", "d=\(folder)/none.so"]
      let run = try poolbench.shell("\"$poolbench\" " + line.map { "'\($0)'" }.joined(separator: " "))
      #expect(run.status == 69 && poolbench.started.isEmpty)
      #expect(run.errors.contains("--preload a: the loader cannot take a path with a colon or a blank"))
      #expect(run.errors.contains("ln -s '\(spaced)'"))
      #expect(run.errors.contains("--preload b: \(text) is not a shared library"))
      #expect(run.errors.contains("--preload c: \(folder) is a folder"))
      #expect(run.errors.contains("--preload d: there is no library \(folder)/none.so"))
    }
  }

  @Test func `the doctor tells what misleads by its status`() throws {
    try installed { poolbench in
      let run = try poolbench.run("doctor", "--no-noise", "--format", "json")
      let object = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
      let misleads = try #require(object["misleading"] as? Bool)
      #expect(run.status == (misleads ? 1 : 0) && object["noise_floor"] is NSNull)
      let findings = try #require(object["findings"] as? [[String: Any]])
      let names = findings.filter { $0["section"] as? String == "allocators" }.compactMap { $0["name"] as? String }
      #expect(names == ["glibc", "jemalloc", "tcmalloc"])
    }
    try installed(workers: ["poolbench-glibc", "poolbench-tcmalloc"]) { poolbench in
      let run = try poolbench.run("doctor", "--no-noise")
      #expect(run.status == 1 && run.output.contains("jemalloc"))
      #expect(run.output.contains("sudo apt-get install libjemalloc-dev"))
    }
    try installed { poolbench in
      try installed { other in
        let build = "old=\(other.folder)"
        let run = try poolbench.run("doctor", "--no-noise", "--build", build, "--subjects", "jemalloc@old")
        #expect(run.output.contains("jemalloc@old") && other.started == ["version.txt jemalloc throughput"])
        let idle = try poolbench.run("doctor", "--no-noise", "--build", build)
        #expect(idle.status == 64 && idle.errors.contains("name a subject of it, such as --subjects jemalloc@old"))
      }
    }
    try installed(workers: []) { poolbench in
      let run = try poolbench.run("doctor", "--no-noise")
      #expect(run.status == 69 && run.errors.contains("the worker program poolbench-glibc is missing"))
    }
  }

  @Test func `a doctor that is interrupted says nothing of the machine`() throws {
    try installed { poolbench in
      let worker = poolbench.folder + "/poolbench-jemalloc"
      try "#!/bin/sh\nkill -INT $PPID\nsleep 60\n".write(toFile: worker, atomically: false, encoding: .utf8)
      let run = try poolbench.run("doctor", "--no-noise")
      #expect(run.status == 130 && run.output.isEmpty && run.errors.contains("interrupted"), "\(run.errors)")
    }
  }

  @Test func `output that cannot be written is told before anything runs`() throws {
    try installed { poolbench in
      let workload = try poolbench.workload("pairs.txt")
      let run = try poolbench.run("run", workload, "--csv", "/proc/results.csv")
      #expect(run.status == 73 && run.errors.hasPrefix("error: cannot write /proc/results.csv: "))
      #expect(poolbench.started.isEmpty && run.output.isEmpty)
    }
  }

  @Test func `a full disk is status 73`() throws {
    try installed { poolbench in
      let workload = try poolbench.workload("pairs.txt")
      let run = try poolbench.run("run", workload, "--quick", "--subjects", "glibc", "--json", "/dev/full")
      #expect(run.status == 73 && run.errors.contains("cannot write /dev/full: No space left on device"))
      let table = try poolbench.shell("\"$poolbench\" run '\(workload)' --quick --subjects glibc > /dev/full")
      #expect(table.status == 73 && table.errors.contains("cannot write standard output"))
    }
  }

  @Test func `a closed pipe ends the run silently with status 0`() throws {
    try installed { poolbench in
      let workload = try poolbench.workload("pairs.txt")
      // The reader is gone before the program starts.
      for line in ["run '\(workload)' --quick --subjects glibc", "explain '\(workload)'", "list", "run --help"] {
        let run = try poolbench.shell("{ sleep 0.2; \"$poolbench\" \(line); echo $? >&2; } | true")
        #expect(run.errors.trimmingCharacters(in: .whitespacesAndNewlines) == "0", "\(line): \(run.errors)")
      }
    }
  }

  @Test func `an interruption ends the worker, keeps what was measured and is status 130`() throws {
    try installed { poolbench in
      let workload = try poolbench.workload("hang.txt")
      let run = try poolbench.shell(
        """
        "$poolbench" run '\(workload)' --subjects glibc,jemalloc --csv "$folder/o.csv" --json "$folder/o.json" &
        while [ ! -s "$folder/hanging" ]; do sleep 0.02; done
        kill -INT $!; wait $!; status=$?
        kill -0 $(cat "$folder/hanging") 2> /dev/null && echo "the worker lives"
        exit $status
        """)
      #expect(run.status == 130 && run.errors.contains("interrupted"))
      #expect(!run.output.contains("the worker lives"))
      #expect(run.output.contains("Mops/s"))
      let csv = try String(contentsOfFile: poolbench.folder + "/o.csv", encoding: .utf8)
      #expect(csv.components(separatedBy: "\r\n").count == 1 + 3 + 1)
      let file = try ResultFile.read(poolbench.folder + "/o.json")
      #expect(!file.isComplete && file.damage == nil && file.results.cells.flatMap(\.runs).count == 3)
    }
  }

  @Test func `the death of the program leaves whole files`() throws {
    try installed { poolbench in
      let workload = try poolbench.workload("hang.txt")
      let run = try poolbench.shell(
        """
        "$poolbench" run '\(workload)' --subjects glibc,jemalloc --csv "$folder/o.csv" --json "$folder/o.json" &
        while [ ! -s "$folder/hanging" ]; do sleep 0.02; done
        kill -KILL $!; wait $! 2> /dev/null
        kill -KILL -- -$(cat "$folder/hanging")
        """)
      #expect(run.status == 0)
      let csv = try String(contentsOfFile: poolbench.folder + "/o.csv", encoding: .utf8)
      #expect(csv.components(separatedBy: "\r\n").count == 1 + 3 + 1)
      let file = try ResultFile.read(poolbench.folder + "/o.json")
      #expect(!file.isComplete && file.damage == nil && file.results.cells.flatMap(\.runs).count == 3)
    }
  }

  @Test func `subjects with variables of their own are rows of their own`() throws {
    try installed { poolbench in
      let run = try poolbench.run(
        "run", try poolbench.workload("pairs.txt"), "--quick", "--passes", "throughput", "--subjects",
        "glibc[A=1,B=2],glibc[A=2],thread-cache[sized,inline]")
      #expect(run.status == 0 && run.errors.isEmpty)
      for row in ["glibc[A=1,B=2]", "glibc[A=2]", "thread-cache[sized,inline]°", "null"] {
        #expect(run.output.contains("\n\(row) "), "\(run.output)")
      }
      #expect(run.output.contains("× glibc[A=1,B=2]"))
    }
  }

  @Test func `explain and list answer without measuring`() throws {
    try installed { poolbench in
      let workload = try poolbench.workload("pairs.txt")
      let explained = try poolbench.run("explain", workload)
      #expect(explained.status == 0 && explained.output.contains("phase main"))
      #expect(explained.output.contains("region        skipped: no class ends with a scope"))
      #expect(poolbench.started.isEmpty)
      let listed = try poolbench.run("list", "--workloads", poolbench.folder)
      #expect(listed.status == 0 && listed.output.contains("jemalloc      test 1.0"))
      #expect(listed.output.contains("pairs.txt"))
      #expect(try poolbench.run("explain", poolbench.folder + "/none.txt").status == 65)
    }
  }
}
